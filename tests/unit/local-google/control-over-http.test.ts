import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalGoogle, startLocalGoogle } from "../../local-google/local-google";
import { sendRaw } from "../../support/raw-http";

let google: LocalGoogle;
let port: number;
beforeAll(async () => {
  google = await startLocalGoogle({ redirectUris: [] });
  port = Number(new URL(google.issuer).port);
});
afterAll(() => google.stop());

const ORDER = '{"action":"addAccount","account":{"email":"mallory@example.com"}}';
/** Sends an order, with headers of its own; the answer’s status. */
async function order(headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const all = {
    Host: `localhost:${port}`,
    "Content-Type": "text/plain",
    "Content-Length": String(ORDER.length),
    Connection: "close",
    ...headers,
  };
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST /_local/control HTTP/1.1\r\n${fields.join("")}\r\n`;
  return (await sendRaw(port, head + ORDER))?.status;
}

describe("the local Google’s control over HTTP", () => {
  it.each([
    ["another site’s page", { Origin: "https://evil.example" }],
    ["a sandboxed page", { Origin: "null" }],
    ["a page of another port", { Origin: "http://localhost:1" }],
    ["what says that it comes from elsewhere", { "Sec-Fetch-Site": "cross-site" }],
    ["the app’s own pages", { "Sec-Fetch-Site": "same-site" }],
    ["a name that leads here", { Host: "evil.example" }],
    ["a name that leads here, with the port", { Host: "evil.example:4400" }],
  ])("FD-6 obeys nobody else: not %s", async (_, headers) => {
    expect(await order(headers)).toBe(403);
    expect(google.control.accounts().map(({ email }) => email)).not.toContain(
      "mallory@example.com",
    );
  });

  it("FD-6 tells nobody else what was called", async () => {
    const host = `evil.example:${port}`;
    const bytes = `GET /_local/calls HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const answer = await sendRaw(port, bytes);
    expect(answer?.status).toBe(403);
  });

  it("obeys whoever is on this machine", async () => {
    expect(await order({})).toBe(200);
    expect(await order({ Host: `127.0.0.1:${port}` })).toBe(200);
    expect(await order({ Origin: google.issuer, "Sec-Fetch-Site": "same-origin" })).toBe(200);
    const calls = await fetch(`${google.issuer}/_local/calls`);
    expect([calls.status, await calls.json()]).toEqual([200, []]);
  });
});

import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SampleBackend, startSampleBackend } from "../support/sample-backend";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

/** What the app asked for, by address. */
const asked = new Map<string, string | null>();
const noting: typeof fetch = (input, init) => {
  const { origin, pathname } = new URL(input instanceof Request ? input.url : input);
  const who = origin === backend.origin ? "backend" : "google";
  asked.set(`${who} ${pathname}`, new Headers(init?.headers).get("Accept-Encoding"));
  return fetch(input, init);
};

let beside: TestApp;
let app: TestApp;
let backend: SampleBackend;
let visitor: Visitor;
beforeAll(async () => {
  beside = await startTestApp();
  backend = await startSampleBackend(beside.google);
  const settings = { backendOrigin: backend.origin };
  app = await startTestApp({ beside, settings, fetch: noting });
  visitor = app.visitor();
  expect(locationOf(await visitor.signIn())).toBe("/dashboard");
});
afterAll(async () => {
  await backend.stop();
  await beside.stop();
});

describe("what the app asks others for", () => {
  it("FC-15 is packed with gzip at most: Google and the backend, each address", async () => {
    expect((await visitor.get("/dashboard")).status).toBe(200);
    expect((await visitor.get("/api/backend/notes")).status).toBe(200);
    await app.clock.advance(3_500_000);
    expect((await visitor.get("/dashboard")).status).toBe(200);
    await visitor.post("/account", { intent: "disconnect-google" });
    expect([...asked.keys()].join()).toMatch(/google \/.*token.*backend \/api\/user/);
    expect(asked.size).toBeGreaterThan(5);
    expect(Object.fromEntries(asked)).toEqual(
      Object.fromEntries([...asked.keys()].map((address) => [address, "gzip"])),
    );
  });

  it("FC-15 is refused when it comes in Brotli all the same", async () => {
    await visitor.signIn();
    backend.next.push({
      status: 200,
      headers: { "Content-Encoding": "br", "Content-Type": "text/plain" },
      body: brotliCompressSync("a note").toString("latin1"),
    });
    const answer = await visitor.get("/api/backend/notes");
    expect(answer.status).toBe(502);
    expect(await answer.text()).not.toContain("a note");
  });
});

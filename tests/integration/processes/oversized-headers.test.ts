import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CookieJar } from "../../support/cookie-jar";
import { DEPLOYMENT_COOKIE, type Deployment, startDeployment } from "../../support/deployment";
import { rawRequest, sendRaw } from "../../support/raw-http";
import type { ServerProcess } from "../../support/server-process";

const folder = mkdtempSync(join(tmpdir(), "latchkey-headers-"));
let deployment: Deployment;
let server: ServerProcess;
beforeAll(async () => {
  deployment = await startDeployment(`file:${join(folder, "latchkey.db")}`);
  server = await deployment.start();
}, 60_000);
afterAll(async () => {
  await deployment.stop();
  rmSync(folder, { recursive: true, force: true });
});

const HOST = "app.example.com";

/** What a browser has collected: a cookie takes 4 KB at most. */
function collected(names: readonly string[]): CookieJar {
  const jar = new CookieJar(deployment.clock);
  for (const name of names) jar.set(name, "x".repeat(4000));
  return jar;
}

async function get(path: string, jar: CookieJar) {
  const cookie = jar.header();
  const headers = { Host: HOST, ...(cookie !== null && { Cookie: cookie }) };
  const answer = await sendRaw(server.port, rawRequest(`GET ${path} HTTP/1.1`, headers));
  if (answer === null) throw new Error("The server hung up");
  jar.store(answer.headers);
  return answer;
}

const OWN = [
  DEPLOYMENT_COOKIE,
  `${DEPLOYMENT_COOKIE}.0`,
  `${DEPLOYMENT_COOKIE}.1`,
  `${DEPLOYMENT_COOKIE}-hint`,
  `${DEPLOYMENT_COOKIE}-signin-abcdefghijk`,
];

describe("a browser that has collected too many cookies", () => {
  it("HC-12 is told so, once: 20 KB of this app’s are cleared, and the next request works", async () => {
    const jar = collected(OWN);
    jar.set("theme", "dark");
    const refused = await get("/dashboard", jar);
    expect(refused.status).toBe(431);
    expect(refused.headers.get("Content-Type")).toMatch(/^text\/html/);
    expect(refused.headers.get("Strict-Transport-Security")).toMatch(/^max-age=31536000/);
    expect(refused.body).toContain("Your browser sent too many cookies");
    expect(refused.body).toContain("Try again</a>");
    expect(jar.names()).toEqual(["theme"]);
    expect((await get("/", jar)).status).toBe(200);
  });

  it("HC-12 is told the same by an API, in JSON", async () => {
    const jar = collected(OWN);
    const refused = await get("/api/session", jar);
    expect([refused.status, refused.body]).toEqual([431, '{"error":"headers_too_large"}']);
    expect((await get("/api/session", jar)).status).toBe(200);
  });

  it("HC-12 gets out even with more than anybody reads, by what can be known then", async () => {
    const jar = collected([
      ...OWN.slice(0, 4),
      ...Array.from({ length: 60 }, (_, i) => `other${i}`),
    ]);
    const refused = await get("/", jar);
    expect(refused.status).toBe(431);
    expect(refused.body).toContain("delete this site’s cookies");
    expect(refused.headers.get("Cache-Control")).toBe("no-store");
    expect(refused.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(jar.names().filter((name) => name.startsWith(DEPLOYMENT_COOKIE))).toEqual([]);
  });

  it("keeps everything while it sends no more than a long session needs", async () => {
    const jar = collected(OWN.slice(0, 2));
    const answer = await get("/login", jar);
    expect(answer.status).toBe(200);
  });
});

describe("what is no request for the app", () => {
  it.each([
    ["nonsense", "HELO mail.example\r\n\r\n", 400],
    ["a request without Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
    ["a Host that is no host", rawRequest("GET / HTTP/1.1", { Host: "a b/c" }), 400],
    ["an address with a backslash", rawRequest("GET /\\evil HTTP/1.1", { Host: HOST }), 400],
    [
      "two lengths of one body",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
      400,
    ],
  ])("is refused with the headers of any answer: %s", async (_, bytes, status) => {
    const answer = await sendRaw(server.port, bytes);
    expect(answer?.status).toBe(status);
    expect(Object.fromEntries(answer?.headers ?? [])).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
    });
    expect(answer?.body).toBe("");
  });

  it("HC-09 CONNECT gets no answer at all", async () => {
    const answer = await sendRaw(
      server.port,
      rawRequest(`CONNECT ${HOST}:443 HTTP/1.1`, { Host: HOST }),
    );
    expect(answer).toBeNull();
  });

  it("doesn’t disturb the connections of others, nor stop the server", async () => {
    expect((await get("/healthz", collected([]))).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });
});

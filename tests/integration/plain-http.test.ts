import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import type { Visitor } from "../support/visitor";

let app: TestApp;
let alone: TestApp;
let somebody: Visitor;
beforeAll(async () => {
  app = await startTestApp({
    settings: { trustedProxyHops: 2 },
    clientDirectory: "build/client",
  });
  alone = await startTestApp({ beside: app });
  somebody = app.visitor();
  await somebody.signIn();
  // Due for a refresh, and a use: whatever looks at the session would set its cookie anew.
  await app.clock.advance(3_100_000);
});
afterAll(async () => {
  await alone.stop();
  await app.stop();
});

/** As our outermost proxy says it, whatever the client and the inner proxy say. */
const PLAIN = { "X-Forwarded-Proto": "https, http, https" };

function overHttp(path: string, init: RequestInit = {}): Promise<Response> {
  return somebody.request(path, { ...init, headers: { ...PLAIN, ...init.headers } });
}

describe("over plain http, as our proxy says,", () => {
  it("HC-13 a page leads to the same place over https, and sets no cookie", async () => {
    for (const path of [
      "/",
      "/dashboard?from=mail&q=a%20b",
      "/login",
      "/favicon.svg",
      "//evil.example/x",
    ]) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await overHttp(path.startsWith("//") ? app.origin + path : path, { method });
        expect(answer.status, path).toBe(308);
        expect(answer.headers.get("Location")).toBe(`${app.origin}${path}`);
        expect(answer.headers.getSetCookie()).toEqual([]);
        expect(answer.headers.get("Cache-Control")).toBe("no-store");
        expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
        // It would mean nothing there (RFC 6797 7.2).
        expect(answer.headers.has("Strict-Transport-Security")).toBe(false);
      }
    }
  });

  it("HC-13 an API is refused, and so is whatever changes something: nothing hides that it came in the clear", async () => {
    const requests: [string, RequestInit][] = [
      ["/api/session", {}],
      ["/api/me", { headers: { Authorization: "Bearer token" } }],
      ["/metrics", { headers: { Authorization: "Bearer token" } }],
      ["/api/session", { method: "POST" }],
      ["/auth/google", { method: "POST" }],
      ["/logout", { method: "POST" }],
      ["/auth/google/events", { method: "POST", body: "token" }],
      ["/csp-reports", { method: "POST", body: "{}" }],
      ["/api/session", { method: "OPTIONS" }],
    ];
    for (const [path, init] of requests) {
      const answer = await overHttp(path, init);
      expect([answer.status, answer.headers.has("Location")], path).toEqual([403, false]);
      expect(answer.headers.getSetCookie(), path).toEqual([]);
      const text = await answer.text();
      if (path.startsWith("/api/")) expect(text).toBe('{"error":"https_required"}');
      else expect(text).toContain(`<a href="${app.origin}/">`);
    }
    expect((await somebody.session()).status).toBe("authenticated");
  });

  it("HC-13 too many cookies are no reason to set one", async () => {
    const Cookie = `${app.cookie}=${"x".repeat(20_000)}`;
    const answer = await overHttp("/", { headers: { Cookie } });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([308, []]);
  });

  it("the proxy’s own health checks are answered", async () => {
    for (const path of ["/healthz", "/readyz"]) {
      const answer = await overHttp(path);
      expect([answer.status, answer.headers.getSetCookie()], path).toEqual([200, []]);
    }
  });
});

describe("the scheme that a header tells", () => {
  it("HC-13 counts only from as many proxies as are ours: elsewhere anybody may have written it", async () => {
    const answer = await alone.visitor().get("/login", { "X-Forwarded-Proto": "http" });
    expect(answer.status).toBe(200);
    const spoofed = await app
      .visitor()
      .get("/login", { "X-Forwarded-Proto": "http, https, https" });
    expect(spoofed.status).toBe(200);
    const silent = await app.visitor().get("/login");
    expect(silent.status).toBe(200);
  });
});

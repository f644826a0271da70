import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBuiltRoutes } from "../support/built-app";
import { startTestApp, type TestApp } from "../support/test-app";
import type { Visitor } from "../support/visitor";

let app: TestApp;
let somebody: Visitor;
beforeAll(async () => {
  app = await startTestApp({ clientDirectory: "build/client" });
  somebody = app.visitor();
  await somebody.signIn();
});
afterAll(() => app.stop());

const READ = "GET, HEAD";
const BOTH = "GET, HEAD, POST";

/** What each address is for, `:` and `*` aside. */
const ADDRESSES: Record<string, string> = {
  "/": READ,
  "/_root.data": READ,
  "/login": READ,
  "/signed-in": READ,
  "/dashboard": READ,
  "/dashboard.data": READ,
  "/agenda": BOTH,
  "/account": BOTH,
  "/account.data": BOTH,
  "/logout": BOTH,
  "/auth/google": BOTH,
  "/auth/google/callback": READ,
  "/auth/google/events": "POST",
  "/api/session": BOTH,
  "/api/me": READ,
  "/healthz": READ,
  "/readyz": READ,
  "/csp-reports": "POST",
  "/favicon.svg": READ,
};
const METHODS = ["OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"];

/** A request with a method that `fetch` itself would refuse to send. */
function requestWith(method: string, path: string, headers: HeadersInit = {}): Request {
  const request = new Request(app.origin + path, {
    method: method === "TRACE" ? "GET" : method,
    headers: { "Sec-Fetch-Site": "same-origin", Cookie: somebody.jar.header() ?? "", ...headers },
  });
  return method === "TRACE" ? Object.defineProperty(request, "method", { value: method }) : request;
}

async function expectRefused(method: string, path: string, allow: string): Promise<void> {
  const answer = await app.fetch(requestWith(method, path));
  const what = `${method} ${path}`;
  expect([answer.status, answer.headers.get("Allow")], what).toEqual([405, allow]);
  expect(answer.headers.getSetCookie(), what).toEqual([]);
  expect([...answer.headers.keys()].join(), what).not.toContain("access-control");
  expect(await answer.text(), what).not.toContain("latchkey=");
}

describe("an address", () => {
  it("of each kind is in this test", async () => {
    const { routes } = await loadBuiltRoutes();
    const known = Object.keys(ADDRESSES);
    const missing = Object.values(routes).filter(
      (route) => route?.path && route.path !== "*" && !known.includes(`/${route.path}`),
    );
    expect(missing.map((route) => route?.path).filter((path) => path !== "")).toEqual([]);
  });

  it("HC-09 answers 405 with Allow to what it doesn’t serve, OPTIONS and TRACE among it, and does nothing", async () => {
    for (const [path, allow] of Object.entries(ADDRESSES)) {
      for (const method of METHODS) await expectRefused(method, path, allow);
      if (!allow.includes("POST")) await expectRefused("POST", path, allow);
      if (!allow.includes("GET")) await expectRefused("GET", path, allow);
    }
    expect((await somebody.session()).status).toBe("authenticated");
  });

  it("HC-09 is where TRACE is off, whoever asks, and whatever may be behind it", async () => {
    const foreign = { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" };
    for (const path of ["/", "/api/backend/things", "/no-such-page"]) {
      const answer = await app.fetch(requestWith("TRACE", path, foreign));
      expect([404, 405], path).toContain(answer.status);
      expect(await answer.text()).not.toContain("evil.example");
    }
  });

  it("HC-09 that doesn’t exist can’t be posted to either", async () => {
    for (const [path, type] of [
      ["/no-such-page", "text/html; charset=UTF-8"],
      ["/api/no-such-thing", "application/json"],
    ] as const) {
      const answer = await somebody.post(path, { a: "b" });
      expect([answer.status, answer.headers.get("Content-Type")]).toEqual([404, type]);
    }
  });

  it("answers HEAD as it answers GET, without the body", async () => {
    const same = ["content-type", "cache-control", "location", "allow", "content-length"];
    for (const path of [...Object.keys(ADDRESSES), "/no-such-page"]) {
      const [get, head] = [
        await somebody.get(path),
        await somebody.request(path, { method: "HEAD" }),
      ];
      expect(head.status, path).toBe(get.status);
      for (const name of same) {
        expect(head.headers.get(name), `${path} ${name}`).toBe(get.headers.get(name));
      }
      expect(await head.text(), path).toBe("");
      await get.body?.cancel();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port";
import { listenForTests } from "../support/listen-for-tests";
import { startTestApp, type TestApp } from "../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ settings: { signInRatePerMinute: 5, trustedProxyHops: 1 } });
});
afterAll(() => app.stop());

const from = (address: string) => ({ "X-Forwarded-For": address });

describe("the limit on sign-ins", () => {
  it("SF-30 answers 429 with Retry-After to a burst from one address, and goes on after it", async () => {
    const visitor = app.visitor();
    const start = () => visitor.post("/auth/google", {}, from("203.0.113.1"));
    for (let attempt = 0; attempt < 5; attempt++) expect((await start()).status).toBe(302);
    const refused = await start();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("Retry-After")).toBe("12");
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(await refused.text()).toContain("Too many attempts");
    await app.clock.advance(12_000);
    expect((await start()).status).toBe(302);
  });

  it("SF-30 locks out nobody else", async () => {
    for (let attempt = 0; attempt < 8; attempt++) {
      await app.visitor().post("/auth/google", {}, from("203.0.113.2"));
    }
    expect((await app.visitor().post("/auth/google", {}, from("203.0.113.3"))).status).toBe(302);
  });

  it("SF-30 counts callbacks too", async () => {
    const visitor = app.visitor();
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      const answer = await visitor.get("/auth/google/callback?state=x", from("203.0.113.4"));
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([302, 302, 302, 302, 302, 429]);
  });

  it.each([
    ["/auth/google", ["/auth/google.data", "/auth/google/", "/AUTH/Google", "/auth/%67oogle"]],
    [
      "/auth/google/callback",
      ["/auth/google/callback.data", "/auth/google/callback/", "/Auth/google/callBack"],
    ],
  ])("SF-30 counts %s as one, however it is spelt", async (address, spellings) => {
    const visitor = app.visitor();
    const client = from(`198.51.100.${address.length}`);
    const ask = (path: string) =>
      address.endsWith("callback")
        ? visitor.get(`${path}?state=x`, client)
        : visitor.post(path, {}, client);
    const statuses: number[] = [];
    for (const path of [address, ...spellings, ...spellings].slice(0, 6)) {
      statuses.push((await ask(path)).status);
    }
    expect(statuses.indexOf(429)).toBe(5);
    for (const path of spellings) expect((await ask(path)).status, path).toBe(429);
  });

  it("SF-30 isn’t fooled by addresses that the client made up: left of a trusted proxy’s, or without one", async () => {
    const behindProxy = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((made) =>
        app.visitor().post("/auth/google", {}, from(`10.0.0.${made}, 203.0.113.5`)),
      ),
    );
    expect(behindProxy.map((answer) => answer.status).sort()).toEqual([
      302, 302, 302, 302, 302, 429,
    ]);

    const port = await freePort();
    const direct = await startTestApp({
      beside: app,
      settings: { signInRatePerMinute: 5, appOrigin: `http://localhost:${port}` },
    });
    const close = await listenForTests(direct.fetch, port);
    const statuses = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (made) => {
        const answer = await fetch(`${direct.origin}/auth/google`, {
          method: "POST",
          redirect: "manual",
          headers: { Origin: direct.origin, ...from(`203.0.113.${100 + made}`) },
        });
        return answer.status;
      }),
    );
    await close();
    expect(statuses.sort()).toEqual([302, 302, 302, 302, 302, 429]);
  });
});

describe("the limit on bodies", () => {
  const MEGABYTE = 1_048_576;

  it.each(["/auth/google", "/account", "/account.data", "/logout", "/api/session"])(
    "refuses a body at %s that no form of ours has, before it is read",
    async (path) => {
      const visitor = app.visitor();
      const announced = await visitor.post(path, { returnTo: "x".repeat(MEGABYTE) });
      expect(announced.status).toBe(413);
      let pieces = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          pieces += 1;
          if (pieces > 1000) controller.close();
          else controller.enqueue(new Uint8Array(65_536));
        },
      });
      // A stream’s length isn’t announced.
      const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
      expect((await visitor.request(path, init)).status).toBe(413);
      expect(pieces).toBeLessThan(10);
    },
  );

  it("lets forms of any use through", async () => {
    const answer = await app.visitor().post("/auth/google", { returnTo: "x".repeat(65_536) });
    expect(answer.status).toBe(302);
  });
});

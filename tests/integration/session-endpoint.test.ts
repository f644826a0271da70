import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestStore, startTestApp, type TestApp } from "../support/test-app";

const MINUTE = 60_000;
const DAY = 86_400_000;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(() => app.google.control.reset());

describe("/api/session", () => {
  it("CS-02 answers in JSON for one person only: no store, no sniffing, no other origin", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const { headers } = await visitor.get("/api/session");
    expect(headers.get("Content-Type")).toBe("application/json; charset=utf-8");
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("Vary")).toMatch(/\bCookie\b/);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("tells the time of the clock that its moments are by", async () => {
    const answer = await app.visitor().get("/api/session");
    const told = Date.parse(answer.headers.get("Date") ?? "");
    expect(app.clock.now() - told).toBeLessThan(1000);
  });

  it.each(["cross-site", "same-site"])("CS-04 refuses a %s read, whoever it is", async (site) => {
    const visitor = app.visitor();
    await visitor.signIn();
    const answer = await visitor.get("/api/session", { "Sec-Fetch-Site": site });
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain("Ada");
  });

  it.each(["same-origin", "none"])("CS-04 answers a %s read", async (site) => {
    const answer = await app.visitor().get("/api/session", { "Sec-Fetch-Site": site });
    expect(answer.status).toBe(200);
  });

  it("CS-11 moves the idle limit when it is posted to, and says so in the answer", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const before = await visitor.session();
    await app.clock.advance(20 * MINUTE);
    const answer = await visitor.post("/api/session");
    expect(answer.status).toBe(200);
    if (before.status !== "authenticated") throw new Error();
    const expiresAt = before.expiresAt + 20 * MINUTE;
    expect(await answer.json()).toMatchObject({ expiresAt });
    expect(await visitor.session()).toMatchObject({ expiresAt });
  });

  it("CS-11 tells whether a use still moves the end, also after signing in again", async () => {
    const visitor = app.visitor();
    const final = async () => (await visitor.get("/api/session")).headers.get("Session-Final");
    await visitor.signIn();
    expect(await final()).toBe("?0");
    for (let visit = 0; visit < 6; visit++) {
      await app.clock.advance(27 * DAY);
      await visitor.post("/api/session");
    }
    expect(await final()).toBe("?1");
    await visitor.signIn();
    expect(await final()).toBe("?0");
    expect((await app.visitor().get("/api/session")).headers.get("Session-Final")).toBe("?0");
  });

  it("can’t be posted to from another site, nor by somebody else to any effect", async () => {
    const foreign = await app
      .visitor()
      .post("/api/session", {}, { "Sec-Fetch-Site": "cross-site" });
    expect(foreign.status).toBe(403);
    const nobody = await app.visitor().post("/api/session");
    expect(await nobody.json()).toEqual({ status: "unauthenticated", reason: null });
  });

  it("FE-1 doesn’t promise to a session without a row, nor while nobody can say, that it lasts longer", async () => {
    const store = await openTestStore(app.clock);
    const beside = await startTestApp({ beside: app, store });
    const visitor = beside.visitor();
    await visitor.signIn();
    const before = await visitor.session();
    await app.clock.advance(10 * MINUTE);
    await store.close();
    expect(await (await visitor.post("/api/session")).json()).toEqual(before);

    const stranger = app.visitor(visitor.jar.copy());
    const told = await (await stranger.post("/api/session")).json();
    expect(told).toEqual({ status: "unauthenticated", reason: "unknown_session" });
    expect(app.log.lines).toContainEqual(
      expect.objectContaining({ level: "error", event: "session_unknown" }),
    );
  });

  it("has no other method", async () => {
    const answer = await app.visitor().request("/api/session", { method: "DELETE" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("GET, HEAD, POST");
  });
});

describe("a page", () => {
  it("CS-11 comes with the end that opening it has just moved", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const first = await visitor.session();
    await app.clock.advance(20 * MINUTE);
    const page = await (await visitor.get("/account")).text();
    if (first.status !== "authenticated") throw new Error();
    // The frame and the page’s own loader, which run at the same time, tell the same.
    expect(page).toContain(String(first.expiresAt + 20 * MINUTE));
    expect(page).not.toContain(String(first.expiresAt));
  });

  it("closes the small window of signing in again to somebody who isn’t", async () => {
    const answer = await app.visitor().get("/signed-in");
    expect(answer.headers.get("Location")).toBe("/login?returnTo=%2Fsigned-in");
  });
});

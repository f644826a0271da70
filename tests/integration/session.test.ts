import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

const DAY = 86_400_000;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(() => app.google.control.reset());

describe("the session cookie", () => {
  it("SC-01 SC-19 is __Host-Http, Secure, HttpOnly, Lax, without Domain, on an answer for no cache", async () => {
    const visitor = app.visitor();
    const response = await visitor.signIn();
    const cookie = response.headers
      .getSetCookie()
      .find((header) => header.startsWith(`${app.cookie}=`));
    expect(cookie).toMatch(/; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
  });

  it("SC-01 has no prefix and no Secure on a loopback address over http", async () => {
    const origin = "http://localhost:3000";
    const local = await startTestApp({ settings: { appOrigin: origin } });
    const visitor = local.visitor();
    const response = await visitor.signIn();
    expect(visitor.jar.names()).toEqual(["latchkey-3000"]);
    expect(response.headers.getSetCookie().join()).not.toMatch(/Secure|Domain/);
    await local.stop();
  });

  it("SC-20 isn’t written again while nothing changes: 20 loads, no Set-Cookie", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    for (let load = 0; load < 20; load++) {
      const page = await visitor.get(load % 2 ? "/dashboard" : "/account");
      expect(page.status).toBe(200);
      expect(page.headers.getSetCookie()).toEqual([]);
    }
  });

  it("SC-20 notes use once in five minutes, and never for a prefetch", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    await app.clock.advance(5 * 60_000);
    const prefetched = await visitor.get("/dashboard", { "Sec-Purpose": "prefetch" });
    expect(prefetched.headers.getSetCookie()).toEqual([]);
    expect((await visitor.get("/dashboard")).headers.getSetCookie()).toHaveLength(1);
    expect((await visitor.get("/dashboard")).headers.getSetCookie()).toEqual([]);
  });

  it("SC-04 SC-05 FE-12 gives the same answer for a tampered and a foreign-key cookie: sign-in, once; junk is cleared", async () => {
    const other = await startTestApp({
      beside: app,
      settings: { sessionSecrets: ["another-kJ3q8Zk0Yw5t1LrXc7Bn9Hs2"] },
    });
    const stranger = other.visitor();
    await stranger.signIn();
    const owner = app.visitor();
    await owner.signIn();
    const value = owner.jar.get(app.cookie) ?? "";
    const foreign = stranger.jar.get(app.cookie) ?? "";
    const answers = await Promise.all(
      [
        // The last character but one: a change that is none would be one cookie in 256.
        value.slice(0, -2) + (value.at(-2) === "A" ? "BA" : "AA"),
        value.slice(0, 100),
        "rubbish",
        "..",
        foreign,
      ].map(async (cookie) => {
        const visitor = app.visitor();
        visitor.jar.set(app.cookie, cookie);
        const page = await visitor.get("/dashboard");
        // Another process may know the key: it is left where it is.
        expect(visitor.jar.names()).toEqual(cookie === foreign ? [app.cookie] : []);
        const login = await visitor.get(locationOf(page));
        return [page.status, locationOf(page), login.status];
      }),
    );
    for (const answer of answers) {
      expect(answer).toEqual([302, "/login?returnTo=%2Fdashboard&reason=unreadable", 200]);
    }
  });

  it("SC-04 isn’t opened from a sign-in transaction’s value under the session’s name", async () => {
    const visitor = app.visitor();
    await visitor.startSignIn();
    const [name = ""] = visitor.jar.names();
    const thief = app.visitor();
    thief.jar.set(app.cookie, visitor.jar.get(name) ?? "");
    expect(await thief.session()).toEqual({ status: "unauthenticated", reason: "unreadable" });
  });

  it("SC-08 ends by the server’s clock when it is replayed after the idle limit", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const cookie = visitor.jar.header() ?? "";
    await app.clock.advance(30 * DAY);
    const calls = app.google.calls.count("token");
    const page = await visitor.get("/dashboard", { Cookie: cookie });
    expect(locationOf(page)).toBe("/login?returnTo=%2Fdashboard&reason=idle");
    expect(app.google.calls.count("token")).toBe(calls);
  });

  it("SC-08 SC-10 ends at the absolute limit however much it was used and renewed", async () => {
    const brief = await startTestApp({
      beside: app,
      settings: { sessionIdleMs: 2 * DAY, sessionAbsoluteMs: 5 * DAY },
    });
    const visitor = brief.visitor();
    const startedAt = app.clock.now();
    await visitor.signIn();
    const first = await visitor.session();
    for (let day = 1; day < 5; day++) {
      await app.clock.advance(DAY);
      const page = await visitor.get("/account");
      expect(page.status).toBe(200);
      expect(page.headers.getSetCookie()).toHaveLength(1);
    }
    expect(first).toMatchObject({ expiresAt: startedAt + 2 * DAY });
    expect(await visitor.session()).toMatchObject({ expiresAt: startedAt + 5 * DAY });
    const cookie = visitor.jar.header() ?? "";
    await app.clock.advance(DAY);
    const page = await visitor.get("/account", { Cookie: cookie });
    expect(locationOf(page)).toContain("reason=absolute");
  });

  it("SC-12 SC-13 fits with tokens of the documented maximum, through sign-in and refresh, and shrinks again", async () => {
    const { control } = app.google;
    control.setTokenSizes("documented-maximum");
    control.addAccount({
      sub: "100000000000000000009",
      email: `${"e".repeat(244)}@gmail.com`,
      name: "A name that goes on and on ".repeat(4),
    });
    const visitor = app.visitor();
    const signedIn = await visitor.signIn({ account: `${"e".repeat(244)}@gmail.com` });
    expectSmallCookies(signedIn);
    expect(visitor.jar.names()).toEqual([`${app.cookie}.0`, `${app.cookie}.1`]);

    await app.clock.advance(3_000_001);
    const refreshed = await visitor.get("/dashboard");
    expect(refreshed.status).toBe(200);
    expectSmallCookies(refreshed);
    expect(visitor.jar.header()?.length).toBeLessThan(8192);

    control.setTokenSizes("typical");
    control.rotateRefreshTokens(true);
    await app.clock.advance(3_000_001);
    await visitor.get("/dashboard");
    expect(visitor.jar.names()).toEqual([app.cookie]);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SC-18 is the only way in: a session in the address, body or a header counts for nothing", async () => {
    const owner = app.visitor();
    await owner.signIn();
    const value = owner.jar.get(app.cookie) ?? "";
    const other = app.visitor();
    const tries = [
      other.get(`/dashboard?${app.cookie}=${value}&session=${value}`),
      other.get("/dashboard", { Authorization: `Bearer ${value}`, [app.cookie]: value }),
      other.post("/dashboard", { [app.cookie]: value, session: value }),
    ];
    for (const answer of await Promise.all(tries)) expect(locationOf(answer)).toMatch(/^\/login/);
  });

  it("HC-05 SC-19 comes with no-store and Vary: Cookie on every page and data answer", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    for (const path of [
      "/",
      "/dashboard",
      "/dashboard.data",
      "/account",
      "/api/session",
      "/nothing-here",
    ]) {
      const answer = await visitor.get(path);
      expect(answer.headers.get("Cache-Control"), path).toBe("no-store");
      expect(answer.headers.get("Vary"), path).toContain("Cookie");
    }
  });
});

function expectSmallCookies(response: Response): void {
  const headers = response.headers.getSetCookie();
  expect(headers.join("\n").length).toBeLessThan(8192);
  for (const header of headers) {
    expect((header.split(";")[0] ?? "").length - 1).toBeLessThanOrEqual(4096);
  }
}

describe("signing out", () => {
  it("SO-01 takes a POST: GET and HEAD change nothing", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    await visitor.get("/logout");
    await visitor.request("/logout", { method: "HEAD" });
    await visitor.get("/logout", { "Sec-Purpose": "prefetch" });
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SO-02 is refused from elsewhere, before the session is touched", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const refused = await Promise.all([
      visitor.post("/logout", {}, { "Sec-Fetch-Site": "cross-site" }),
      visitor.post("/logout", {}, { "Sec-Fetch-Site": "same-site" }),
      visitor.post("/logout?_data=routes%2Flogout", {}, { "Sec-Fetch-Site": "cross-site" }),
      visitor.post("/logout.data", {}, { "Sec-Fetch-Site": "cross-site" }),
    ]);
    for (const answer of refused) {
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SO-03 SO-11 SC-13 deletes every chunk and every sign-in under way, and leads to a public page", async () => {
    app.google.control.setTokenSizes("documented-maximum");
    const visitor = app.visitor();
    await visitor.signIn();
    await visitor.startSignIn();
    expect(visitor.jar.names().length).toBeGreaterThanOrEqual(2);

    const response = await visitor.post("/logout");
    expect(visitor.jar.names()).toEqual([]);
    expect(response.headers.get("Clear-Site-Data")).toBe('"cache", "storage"');
    expect((await visitor.get(locationOf(response))).status).toBe(200);
    expect(await visitor.session()).toEqual({ status: "unauthenticated", reason: null });
  });

  it("SO-14 works with no session, with a corrupt cookie, twice, and with Google down", async () => {
    app.google.faults.set("revoke", { kind: "status", status: 503 });
    const visitor = app.visitor();
    expect((await visitor.post("/logout")).status).toBe(302);
    visitor.jar.set(app.cookie, "rubbish");
    expect((await visitor.post("/logout")).status).toBe(302);
    expect(visitor.jar.names()).toEqual([]);
    expect((await visitor.post("/logout")).status).toBe(302);
  });

  it("TR-18 makes a copied cookie worthless, with no call to Google for it", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const thief = app.visitor(visitor.jar.copy());
    await visitor.post("/logout");
    await app.clock.advance(3_590_000);
    const calls = app.google.calls.count();
    expect(await thief.session()).toEqual({ status: "unauthenticated", reason: "signed_out" });
    expect(app.google.calls.count()).toBe(calls);
    expect(thief.jar.names()).toEqual([]);
  });

  it("SO-06 revokes nothing at Google: another browser goes on", async () => {
    const [here, there] = [app.visitor(), app.visitor()];
    await here.signIn();
    await there.signIn();
    await here.post("/logout");
    expect(app.google.calls.count("revoke")).toBe(0);
    await app.clock.advance(3_590_000);
    expect((await there.get("/dashboard")).status).toBe(200);
    expect(await there.session()).toMatchObject({ status: "authenticated" });
  });
});

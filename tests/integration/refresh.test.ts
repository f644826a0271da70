import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

/** After so long, 600 s are left of a token that lives an hour. */
const UNTIL_DUE = 3_000_000;
const UNTIL_EXPIRED = 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(() => app.google.control.reset());

/** Somebody who has signed in just now, with nothing counted yet. */
async function signedIn(): Promise<Visitor> {
  const visitor = app.visitor();
  expect(locationOf(await visitor.signIn())).toBe("/dashboard");
  app.google.calls.clear();
  return visitor;
}

const refreshes = () =>
  app.google.calls.list("token").filter((call) => call.grantType === "refresh_token").length;

describe("the refresh", () => {
  it("TR-01 happens at 600 s left, not at 601 s, and moves the token’s end", async () => {
    const visitor = await signedIn();
    const before = await visitor.session();
    await app.clock.advance(UNTIL_DUE - 1000);
    expect((await visitor.get("/dashboard")).status).toBe(200);
    expect(refreshes()).toBe(0);

    await app.clock.advance(1000);
    const page = await visitor.get("/dashboard");
    expect(page.status).toBe(200);
    expect(refreshes()).toBe(1);
    expect(page.headers.getSetCookie()).toHaveLength(1);
    const after = await visitor.session();
    if (before.status !== "authenticated" || after.status !== "authenticated") throw new Error();
    expect(after.accessTokenExpiresAt - before.accessTokenExpiresAt).toBe(UNTIL_DUE);
    expect(refreshes()).toBe(1);
  });

  it("TR-20 is a POST with everything in its body, never in the address", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_DUE);
    await visitor.get("/dashboard");
    const [call] = app.google.calls.list("token");
    expect(call).toMatchObject({
      method: "POST",
      clientAuth: "post",
      params: { grant_type: "refresh_token", client_id: app.google.clientId },
    });
  });

  it("TR-03 is one call for 20 parallel requests, and all succeed", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_EXPIRED);
    const pages = await Promise.all(Array.from({ length: 20 }, () => visitor.get("/dashboard")));
    expect(pages.map((page) => page.status)).toEqual(Array(20).fill(200));
    expect(refreshes()).toBe(1);
  });

  it("TR-03 is not wedged by a call that hangs", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_EXPIRED);
    app.google.faults.set("token", { kind: "hang" });
    const hanging = visitor.get("/dashboard");
    await app.clock.advance(10_000);
    expect(await (await hanging).text()).toContain("You stay signed in");
    app.google.faults.clear();
    expect(await (await visitor.get("/dashboard")).text()).not.toContain("be reached just now");
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("TR-03 hands the newest tokens to a request that comes late with the old cookie, even where each refresh token is good for one use", async () => {
    app.google.control.rotateRefreshTokens(true);
    const visitor = await signedIn();
    const late = app.visitor(visitor.jar.copy());
    await app.clock.advance(UNTIL_EXPIRED);
    await visitor.get("/dashboard");
    const page = await late.get("/dashboard");
    expect(page.status).toBe(200);
    expect(page.headers.getSetCookie()).toHaveLength(1);
    expect(refreshes()).toBe(1);
    expect(await late.session()).toEqual(await visitor.session());
  });

  it.each([false, true])(
    "TR-04 goes on with the refresh token at hand, or with a new one (rotating: %s)",
    async (rotating) => {
      app.google.control.rotateRefreshTokens(rotating);
      const visitor = await signedIn();
      for (let hour = 0; hour < 3; hour++) {
        await app.clock.advance(UNTIL_DUE);
        expect((await visitor.get("/dashboard")).status).toBe(200);
      }
      const sent = app.google.calls.list("token").map((call) => call.params.refresh_token);
      expect(sent).toHaveLength(3);
      expect(new Set(sent).size).toBe(rotating ? 3 : 1);
      expect(app.google.calls.list("token").every((call) => call.status === 200)).toBe(true);
    },
  );

  it("TR-14 doesn’t happen on every request when tokens live five minutes only", async () => {
    app.google.control.setAccessTokenSeconds(300);
    const visitor = await signedIn();
    for (let load = 0; load < 10; load++) {
      await app.clock.advance(20_000);
      await visitor.get("/dashboard");
    }
    expect(refreshes()).toBe(1);
  });

  it("TR-22 isn’t done early for a page that the browser only prefetches", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_DUE);
    await visitor.get("/dashboard.data", { "Sec-Purpose": "prefetch" });
    expect(refreshes()).toBe(0);
  });

  it("TR-21 survives a person who closes the tab while it runs", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_EXPIRED);
    app.google.faults.set("token", { kind: "hold" });
    const abort = new AbortController();
    const page = visitor.request("/dashboard", { signal: abort.signal });
    await expect.poll(() => app.google.faults.held).toBe(1);
    abort.abort();
    app.google.faults.release();
    await page.catch(() => null);
    app.google.faults.clear();
    const again = await visitor.get("/dashboard");
    expect(again.status).toBe(200);
    expect(refreshes()).toBe(1);
  });
});

describe("a refresh that fails while the old token lives", () => {
  it("TR-07 serves the page with it, keeps the session, and asks Google only now and then", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_DUE);
    app.google.faults.set("token", { kind: "status", status: 403 });
    for (let load = 0; load < 10; load++) {
      const page = await visitor.get("/dashboard");
      expect(page.status).toBe(200);
      expect(await page.text()).not.toContain("be reached just now");
      expect(page.headers.getSetCookie().join()).not.toContain("Max-Age=0");
      await app.clock.advance(1000);
    }
    expect(refreshes()).toBeLessThanOrEqual(2);

    app.google.faults.clear();
    await app.clock.advance(60_000);
    await visitor.get("/dashboard");
    const session = await visitor.session();
    expect(session.status === "authenticated" && session.accessTokenExpiresAt).toBeGreaterThan(
      app.clock.now() + 3_500_000,
    );
  });

  it("TR-07 keeps nobody waiting for more than two seconds; the refresh finishes by itself", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_DUE);
    app.google.faults.set("token", { kind: "hold" });
    const page = visitor.get("/dashboard");
    await expect.poll(() => app.google.faults.held).toBe(1);
    await app.clock.advance(2000);
    expect((await page).status).toBe(200);
    expect(refreshes()).toBe(1);

    app.google.faults.clear();
    const session = await visitor.session();
    expect(session.status === "authenticated" && session.accessTokenExpiresAt).toBeGreaterThan(
      app.clock.now() + 3_500_000,
    );
    expect(refreshes()).toBe(1);
  });
});

describe("a refresh that fails with an expired token", () => {
  it("TR-08 shows the gap, keeps the session, and heals without a new sign-in", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_EXPIRED);
    app.google.faults.set("token", { kind: "status", status: 403 });
    const page = await visitor.get("/dashboard");
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("You stay signed in");
    expect((await visitor.get("/account")).status).toBe(200);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });

    app.google.faults.clear();
    await app.clock.advance(5000);
    expect(await (await visitor.get("/dashboard")).text()).not.toContain("be reached just now");
  });

  it.each([
    [
      "an HTML page",
      {
        kind: "status",
        status: 403,
        body: "<h1>User Rate Limit Exceeded</h1>",
        contentType: "text/html",
      },
    ],
    ["HTML with 200", { kind: "html" }],
    ["nothing with 200", { kind: "empty" }],
    ["half an answer", { kind: "truncated" }],
  ] as const)("TR-12 takes %s for an outage, not for an end", async (_, fault) => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_EXPIRED);
    app.google.faults.set("token", fault);
    expect((await visitor.get("/account")).status).toBe(200);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("TR-11 keeps everybody signed in when the fault is ours, and raises an alarm", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_EXPIRED);
    app.log.lines.length = 0;
    app.google.faults.set("token", { kind: "oauth-error", error: "invalid_client", status: 401 });
    const page = await visitor.get("/account");
    expect(page.status).toBe(200);
    expect(visitor.jar.names()).toEqual([app.cookie]);
    expect(refreshes()).toBe(1);
    expect(app.log.lines).toContainEqual(
      expect.objectContaining({
        level: "error",
        event: "token_refresh_refused",
        fields: expect.objectContaining({ cause: "invalid_client", alarm: true }),
      }),
    );
  });
});

describe("a grant that is dead", () => {
  it.each(["Token has been expired or revoked.", "Bad Request"])(
    "TR-09 TR-12 ends the session once and leads to sign-in with the way back, whatever the description says (%s)",
    async (description) => {
      const visitor = await signedIn();
      const thief = app.visitor(visitor.jar.copy());
      await app.clock.advance(UNTIL_EXPIRED);
      app.google.faults.set("token", { kind: "oauth-error", error: "invalid_grant", description });
      const page = await visitor.get("/account?tab=2");
      expect(locationOf(page)).toBe("/login?returnTo=%2Faccount%3Ftab%3D2&reason=grant_revoked");
      expect(visitor.jar.names()).not.toContain(app.cookie);
      expect((await visitor.get(locationOf(page))).status).toBe(200);

      expect(await thief.session()).toEqual({ status: "unauthenticated", reason: "grant_revoked" });
      expect(refreshes()).toBe(1);
    },
  );

  it("TR-09 is noticed by /api/session too", async () => {
    const visitor = await signedIn();
    app.google.control.revokeGrant(sub(await visitor.session()));
    await app.clock.advance(UNTIL_DUE);
    expect(await visitor.session()).toEqual({ status: "unauthenticated", reason: "grant_revoked" });
    expect(await visitor.session()).toEqual({ status: "unauthenticated", reason: null });
  });

  it("TR-10 says that the organisation asks to sign in again when that is the cause", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_EXPIRED);
    app.google.faults.set("token", {
      kind: "oauth-error",
      error: "invalid_grant",
      subtype: "invalid_rapt",
    });
    const login = await visitor.get(locationOf(await visitor.get("/dashboard")));
    const text = await login.text();
    expect(text).toContain("asks you to sign in again");
    expect(text).not.toContain("withdrawn");
  });

  it("TR-15 is also what an ID token for somebody else means", async () => {
    const visitor = await signedIn();
    await app.clock.advance(UNTIL_EXPIRED);
    app.google.faults.set("token", { kind: "id-token", flaw: "other-sub" });
    expect(locationOf(await visitor.get("/dashboard"))).toContain("reason=grant_revoked");
  });
});

function sub(session: Awaited<ReturnType<Visitor["session"]>>): string {
  if (session.status !== "authenticated") throw new Error("not signed in");
  return session.user.id;
}

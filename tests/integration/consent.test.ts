import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestStore, startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(async () => {
  app.google.control.reset();
  // Of two sessions begun at one moment neither is the newer.
  await app.clock.advance(1000);
});

const paramsOf = (address: string) => new URL(address).searchParams;
const startsAtGoogle = () => app.google.calls.list("authorize").filter((call) => call.params.state);

describe("consent", () => {
  it("SF-27 is never asked for by the first round", async () => {
    const start = paramsOf(await app.visitor().startSignIn());
    expect(start.get("prompt")).toBe("select_account");
  });

  it("SF-27 takes exactly one extra round, for the same account, when Google sends no refresh token and none is at hand", async () => {
    await app.visitor().signIn();
    app.google.calls.clear();
    const forgetful = await startTestApp({ beside: app, store: await openTestStore(app.clock) });
    const elsewhere = forgetful.visitor();
    expect(locationOf(await elsewhere.signIn())).toBe("/dashboard");
    const session = await elsewhere.session();
    const [first, second, ...more] = startsAtGoogle();
    expect(first?.params.prompt).toBe("select_account");
    expect(second?.params).toMatchObject({
      prompt: "consent",
      login_hint: session.status === "authenticated" ? session.user.id : "",
    });
    expect(more).toEqual([]);
    await forgetful.stop();
  });

  it("SF-27 isn’t asked of somebody on a new device while another of theirs is signed in", async () => {
    await app.visitor().signIn();
    app.google.calls.clear();
    const phone = app.visitor();
    expect(locationOf(await phone.signIn())).toBe("/dashboard");
    expect(startsAtGoogle()).toHaveLength(1);
    await app.clock.advance(3_600_000);
    expect((await phone.get("/dashboard")).status).toBe(200);
    expect(await phone.session()).toMatchObject({ status: "authenticated" });
  });

  it("FE-20 is asked for once more when the refresh token at hand turns out dead", async () => {
    const store = await openTestStore(app.clock);
    const alone = await startTestApp({ beside: app, store });
    await alone.visitor().signIn();
    app.google.control.revokeGrant("ada.lovelace@gmail.com");
    // A consent whose token never arrived.
    await app.visitor().signIn();
    app.google.calls.clear();
    const phone = alone.visitor();
    expect(locationOf(await phone.signIn())).toBe("/dashboard");
    expect(startsAtGoogle().map(({ params }) => params.prompt)).toEqual([
      "select_account",
      "consent",
    ]);
    await app.clock.advance(3_600_000);
    expect((await phone.get("/dashboard")).status).toBe(200);
    expect(await phone.session()).toMatchObject({ status: "authenticated" });
    await alone.stop();
  });

  it("FE-20 isn’t asked for while Google can’t say whether the one at hand is dead", async () => {
    await app.visitor().signIn();
    app.google.calls.clear();
    const troubled = await startTestApp({
      beside: app,
      fetch: async (input, init) =>
        String(init?.body).includes("grant_type=refresh_token")
          ? new Response(null, { status: 503 })
          : fetch(input, init),
    });
    expect(locationOf(await troubled.visitor().signIn())).toBe("/dashboard");
    expect(startsAtGoogle()).toHaveLength(1);
  });

  it("FE-20 FE-17 proves one that is good for one use without taking it from other devices", async () => {
    app.google.control.rotateRefreshTokens(true);
    const laptop = app.visitor();
    await laptop.signIn();
    const phone = app.visitor();
    expect(locationOf(await phone.signIn())).toBe("/dashboard");
    await app.clock.advance(3_600_000);
    for (const device of [laptop, phone, laptop]) {
      expect((await device.get("/dashboard")).status).toBe(200);
      expect(await device.session()).toMatchObject({ status: "authenticated" });
    }
  });

  it("SF-27 isn’t asked again of somebody who signs in while a refresh token of theirs is at hand", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    app.google.calls.clear();
    await visitor.signIn();
    expect(startsAtGoogle()).toHaveLength(1);
    expect(visitor.pages).not.toContain("consent");
    await app.clock.advance(3_600_000);
    await visitor.get("/dashboard");
    expect(app.google.calls.list("token").at(-1)).toMatchObject({
      grantType: "refresh_token",
      status: 200,
    });
  });

  it("SF-27 ends with a clear sentence, never in a loop, when Google withholds the refresh token", async () => {
    app.google.control.withholdRefreshTokens(true);
    const forgetful = await startTestApp({ beside: app, store: await openTestStore(app.clock) });
    const visitor = forgetful.visitor();
    const answer = await visitor.signIn({ returnTo: "/account" });
    expect(locationOf(answer)).toBe("/login?returnTo=%2Faccount&error=offline_access_missing");
    expect(startsAtGoogle()).toHaveLength(2);
    expect(visitor.jar.names()).toEqual([]);
    expect(await (await visitor.get(locationOf(answer))).text()).toContain("no lasting access");
  });
});

describe("a new sign-in", () => {
  it("SF-26 makes a new session and ends the one that this browser had", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const old = app.visitor(visitor.jar.copy());
    await visitor.signIn();
    expect(await old.session()).toEqual({ status: "unauthenticated", reason: "signed_out" });
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("FE-19 ends the old one in the store too, so that no process goes on with a copy of it", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const elsewhere = await startTestApp({ beside: app });
    const old = elsewhere.visitor(visitor.jar.copy());
    expect(await old.session()).toMatchObject({ status: "authenticated" });
    await visitor.signIn();
    // The other process hears of nothing, and asks the row when the token is due.
    await app.clock.advance(3_600_000);
    expect(await old.session()).toEqual({ status: "unauthenticated", reason: "signed_out" });
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SF-28 shows the account chooser after signing out", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    await visitor.post("/logout");
    const start = paramsOf(await visitor.startSignIn());
    expect(start.get("prompt")).toBe("select_account");
    expect(start.has("login_hint")).toBe(false);
  });

  it("TR-09 leads straight back to the account whose session ended by itself", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const session = await visitor.session();
    if (session.status !== "authenticated") throw new Error();
    app.google.control.revokeGrant(session.user.id);
    await app.clock.advance(3_600_000);
    expect(locationOf(await visitor.get("/account"))).toContain("reason=grant_revoked");
    const start = paramsOf(await visitor.startSignIn());
    expect(start.get("login_hint")).toBe(session.user.id);
    expect(start.has("prompt")).toBe(false);
    expect(visitor.jar.names()).toContain(`${app.cookie}-hint`);
    await visitor.signIn();
    expect(visitor.jar.names()).not.toContain(`${app.cookie}-hint`);
  });
});

describe("what was allowed before", () => {
  const HOUR = 3_600_000;
  const features = async (visitor: Visitor) => {
    const session = await visitor.session();
    return session.status === "authenticated" ? session.features : null;
  };

  it("DA-05 is there again after the session has ended, for good, without being asked for", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    await visitor.allow("calendar");
    await app.clock.advance(31 * 24 * HOUR);
    expect(await features(visitor)).toBeNull();
    app.google.calls.clear();
    await visitor.signIn();
    for (const { params } of startsAtGoogle()) {
      expect(params).toMatchObject({
        scope: "openid email profile",
        include_granted_scopes: "true",
      });
    }
    expect(await features(visitor)).toEqual(["calendar"]);
    await app.clock.advance(HOUR);
    await visitor.get("/dashboard");
    expect(await features(visitor)).toEqual(["calendar"]);
  });

  it("DA-01 DA-03 isn’t taken for granted where the refresh token at hand is older: it would be gone within the hour", async () => {
    const phone = app.visitor();
    await phone.signIn();
    const laptop = app.visitor();
    await laptop.signIn();
    await laptop.allow("calendar");
    await app.clock.advance(HOUR);
    await phone.get("/dashboard");

    const tablet = app.visitor();
    app.google.calls.clear();
    await tablet.signIn();
    expect(startsAtGoogle()).toHaveLength(1);
    expect(await features(tablet)).toEqual([]);
    await tablet.allow("calendar");
    expect(await features(tablet)).toEqual(["calendar"]);
  });
});

describe("who may come in", () => {
  it.each([["email-verified-string"], ["email-unverified"]] as const)(
    "SF-24 is nobody whose address Google hasn’t verified (%s)",
    async (flaw) => {
      app.google.faults.set("token", { kind: "id-token", flaw });
      expect(locationOf(await app.visitor().signIn())).toContain("error=not_allowed");
    },
  );

  it("SF-24 is decided by the hosted-domain claim where domains are limited, not by the address", async () => {
    const limited = await startTestApp({
      beside: app,
      settings: { allowedHostedDomains: ["example.org"] },
    });
    const { control } = app.google;
    control.addAccount({ email: "fake@example.org", name: "No claim" });
    control.addAccount({ email: "true@example.org", name: "Member", hd: "Example.ORG" });
    control.addAccount({ email: "other@example.com", name: "Other", hd: "example.com" });
    const outcome = async (account: string) =>
      locationOf(await limited.visitor().signIn({ account }));
    expect(await outcome("fake@example.org")).toContain("error=not_allowed");
    expect(await outcome("other@example.com")).toContain("error=not_allowed");
    expect(await outcome("true@example.org")).toBe("/dashboard");
  });
});

describe("a hosted domain in another script", () => {
  it.each(["xn--bcher-kva.example", "bücher.example", "BÜCHER.example"])(
    "FC-8 is the same however Google spells it: %s",
    async (hd) => {
      const settings = { allowedHostedDomains: ["xn--bcher-kva.example"] };
      const limited = await startTestApp({ beside: app, settings });
      app.google.control.addAccount({ email: `member@${hd}`, name: "Member", hd });
      const signedIn = await limited.visitor().signIn({ account: `member@${hd}` });
      expect(locationOf(signedIn)).toBe("/dashboard");
    },
  );
});

describe("what Google says in a callback", () => {
  it.each([
    ["access_denied", "cancelled"],
    ["admin_policy_enforced", "admin_policy"],
    ["org_internal", "org_internal"],
    ["rate_limit_exceeded", "rate_limited"],
    ["server_error", "google_unavailable"],
    ["temporarily_unavailable", "google_unavailable"],
    ["redirect_uri_mismatch", "misconfigured"],
    ["never_heard_of", "invalid_response"],
  ])("SF-12 SF-13 becomes a sentence of ours with a way to try again: %s", async (error, code) => {
    app.google.faults.set("authorize", {
      kind: "callback",
      change: (url) => {
        url.searchParams.delete("code");
        url.searchParams.set("error", error);
        url.searchParams.set("error_description", "<b>provider text</b>");
      },
    });
    const visitor = app.visitor();
    const answer = await visitor.signIn();
    expect(locationOf(answer)).toBe(`/login?returnTo=%2Fdashboard&error=${code}`);
    const page = await (await visitor.get(locationOf(answer))).text();
    expect(page).toContain("Sign in with Google");
    expect(page).toContain('role="alert"');
    expect(page + JSON.stringify(app.log.lines)).not.toContain("provider text");
    expect(app.google.calls.count("token")).toBe(0);
  });
});

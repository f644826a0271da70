import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

describe("two apps on one machine, in one browser", () => {
  let first: TestApp;
  let second: TestApp;
  let atFirst: Visitor;
  let atSecond: Visitor;
  beforeAll(async () => {
    first = await startTestApp({ settings: { appOrigin: "http://localhost:3000" } });
    second = await startTestApp({ settings: { appOrigin: "http://localhost" } });
    atFirst = first.visitor();
    // A browser keeps one jar for all ports of a host.
    atSecond = second.visitor(atFirst.jar);
  });
  afterAll(() => Promise.all([first.stop(), second.stop()]));

  it("FD-1 keep their people signed in side by side, through sign-in, use and sign-out", async () => {
    const address = await atFirst.startSignIn("/account");
    await atSecond.signIn();
    await atFirst.get(await atFirst.answerAtGoogle(address));
    expect(atFirst.jar.names().sort()).toEqual(["latchkey-3000", "latchkey-80"]);
    for (const visitor of [atFirst, atSecond]) {
      expect((await visitor.get("/dashboard")).status).toBe(200);
    }

    await atSecond.post("/logout");
    expect(await atFirst.session()).toMatchObject({ status: "authenticated" });
    expect(await atSecond.session()).toMatchObject({ status: "unauthenticated" });
  });

  it("FD-1 neither clears the other’s cookies when a browser sends too many", async () => {
    await atFirst.signIn();
    const kept = atFirst.jar.get("latchkey-3000");
    const padding = "x".repeat(17_000);
    const answer = await atSecond.get("/", {
      Cookie: `latchkey-3000=${kept}; latchkey-80=${padding}; latchkey-8000=x; latchkey-80-hint=x`,
    });
    expect(answer.status).toBe(431);
    expect(answer.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual([
      "latchkey-80",
      "latchkey-80-hint",
    ]);
  });
});

describe("a session of another issuer, sealed with the same secret,", () => {
  let ours: TestApp;
  let theirs: TestApp;
  beforeAll(async () => {
    ours = await startTestApp();
    // As when GOOGLE_ISSUER is changed, or one checkout is run with one Google and then with another.
    theirs = await startTestApp();
  });
  afterAll(() => Promise.all([ours.stop(), theirs.stop()]));

  async function signedInThere() {
    const visitor = theirs.visitor();
    await visitor.signIn();
    return { there: visitor, here: ours.visitor(visitor.jar) };
  }

  it("FD-1 is no session here: nobody is signed in, and nothing is said to have ended", async () => {
    const { here, there } = await signedInThere();
    const before = here.jar.header();
    expect(await here.session()).toEqual({ status: "unauthenticated", reason: null });
    expect(locationOf(await here.get("/dashboard"))).toBe("/login?returnTo=%2Fdashboard");
    expect((await here.get("/login")).status).toBe(200);
    expect((await here.get("/")).headers.getSetCookie()).toEqual([]);
    expect(here.jar.header()).toBe(before);
    expect(await there.session()).toMatchObject({ status: "authenticated" });
  });

  it("FD-1 isn’t refreshed here, so that no provider is asked about another’s token", async () => {
    const { here } = await signedInThere();
    await ours.clock.advance(3_600_000);
    ours.google.calls.clear();
    expect(await here.session()).toEqual({ status: "unauthenticated", reason: null });
    expect(ours.google.calls.count("token")).toBe(0);
    const events = ours.log.lines.map(({ event }) => event);
    expect(events).not.toContain("session_expired");
    expect(events).not.toContain("token_refresh_refused");
  });

  it("FD-1 gives way to a sign-in here", async () => {
    const { here } = await signedInThere();
    expect(locationOf(await here.signIn())).toBe("/dashboard");
    expect(await here.session()).toMatchObject({ status: "authenticated" });
  });

  it("FD-1 neither does a sign-in that was begun there end here, nor is its account hinted at", async () => {
    const visitor = theirs.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    ours.google.calls.clear();
    const here = ours.visitor(visitor.jar);
    const answer = await here.get(callback);
    expect(locationOf(answer)).toContain("error=expired");
    expect(ours.google.calls.count("token")).toBe(0);

    await visitor.signIn();
    theirs.google.control.revokeGrant("ada.lovelace@gmail.com");
    await theirs.clock.advance(3_600_000);
    expect(await visitor.session()).toMatchObject({ reason: "grant_revoked" });
    expect(new URL(await visitor.startSignIn()).searchParams.has("login_hint")).toBe(true);
    expect(new URL(await here.startSignIn()).searchParams.has("login_hint")).toBe(false);
  });
});

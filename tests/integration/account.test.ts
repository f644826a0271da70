import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

const ADA = "ada.lovelace@gmail.com";
const GRACE = "grace.hopper@gmail.com";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(async () => {
  app.google.control.reset();
  await app.store.endAllSessions({ reason: "signed_out" });
  await app.clock.advance(1000);
});

async function signedIn(account = ADA): Promise<Visitor> {
  const visitor = app.visitor();
  expect(locationOf(await visitor.signIn({ account }))).toBe("/dashboard");
  return visitor;
}

const ended = (reason: string) => ({ status: "unauthenticated", reason });
const STILL_IN = { status: "authenticated" };

/** The handles of the other devices, as the page’s forms have them. */
async function otherDevices(visitor: Visitor): Promise<string[]> {
  const page = await (await visitor.get("/account")).text();
  return [...page.matchAll(/name="session" value="([^"]+)"/g)].map(([, handle = ""]) => handle);
}

describe("the account page", () => {
  it("SO-09 lists where the person is signed in, and ends one of them at once", async () => {
    const [laptop, phone, grace] = [await signedIn(), await signedIn(), await signedIn(GRACE)];
    expect(await (await laptop.get("/account")).text()).toContain("This device");
    const handles = await otherDevices(laptop);
    expect(handles).toHaveLength(1);
    const answer = await laptop.post("/account", {
      intent: "end-session",
      session: handles[0] ?? "",
    });
    expect(locationOf(answer)).toBe("/account?notice=end-session");
    expect(await phone.session()).toEqual(ended("ended_elsewhere"));
    expect(await laptop.session()).toMatchObject(STILL_IN);
    expect(await grace.session()).toMatchObject(STILL_IN);
  });

  it("ends nothing by a handle that is somebody else’s", async () => {
    const [ada, adaToo, grace] = [await signedIn(), await signedIn(), await signedIn(GRACE)];
    const [handle = ""] = await otherDevices(ada);
    await grace.post("/account", { intent: "end-session", session: handle });
    expect(await adaToo.session()).toMatchObject(STILL_IN);
  });

  it("SO-09 signs out the other devices, or all of them", async () => {
    const [laptop, phone, tablet] = [await signedIn(), await signedIn(), await signedIn()];
    await laptop.post("/account", { intent: "end-other-sessions" });
    expect(await phone.session()).toEqual(ended("ended_elsewhere"));
    expect(await laptop.session()).toMatchObject(STILL_IN);

    const again = await signedIn();
    const answer = await laptop.post("/account", { intent: "end-all-sessions" });
    expect(locationOf(answer)).toBe("/login?reason=signed_out");
    expect(laptop.jar.names()).toEqual([]);
    expect(await again.session()).toEqual(ended("ended_elsewhere"));
    expect(await tablet.session()).toMatchObject({ status: "unauthenticated" });
  });

  it("takes nothing from somebody who isn’t signed in, and no nonsense", async () => {
    const visitor = app.visitor();
    const answer = await visitor.post("/account", { intent: "end-all-sessions" });
    expect(locationOf(answer)).toBe("/login?returnTo=%2Faccount");
    const ada = await signedIn();
    for (const form of [{}, { intent: "x" }, { intent: "end-session", session: "x".repeat(101) }]) {
      expect((await ada.post("/account", form)).status).toBe(400);
    }
    expect(await ada.session()).toMatchObject(STILL_IN);
  });
});

describe("disconnecting Google", () => {
  it.each([
    ["200", null],
    ["400 invalid_token", { kind: "oauth-error", error: "invalid_token", status: 400 }],
  ] as const)(
    "PF-15 SO-07 SO-08 revokes there and ends every session of the person, and nobody else’s (%s)",
    async (_, fault) => {
      const [laptop, phone, grace] = [await signedIn(), await signedIn(), await signedIn(GRACE)];
      if (fault) app.google.faults.set("revoke", fault);
      app.google.calls.clear();
      const answer = await laptop.post("/account", { intent: "disconnect-google" });
      expect(locationOf(answer)).toBe("/login?reason=disconnected");
      expect(laptop.jar.names()).toEqual([]);
      expect(await phone.session()).toEqual(ended("disconnected"));
      expect(await grace.session()).toMatchObject(STILL_IN);
      const [revoke] = app.google.calls.list("revoke");
      expect(revoke).toMatchObject({ method: "POST" });
      expect(revoke?.params.token).toMatch(/^1\/\/canary-rt-/);
      expect(app.google.calls.count("revoke")).toBe(1);
    },
  );

  it.each([
    ["503", { kind: "status", status: 503 }],
    ["a hang", { kind: "hang" }],
  ] as const)(
    "PF-15 SO-07 signs out in time though Google can’t take it (%s), and asks again later",
    async (_, fault) => {
      const following = new AbortController();
      const followed = app.follow(following.signal);
      onTestFinished(async () => {
        following.abort();
        await followed;
      });
      const visitor = await signedIn();
      app.google.faults.set("revoke", fault);
      app.google.calls.clear();
      const pending = visitor.post("/account", { intent: "disconnect-google" });
      await app.clock.advance(3000);
      expect(locationOf(await pending)).toBe("/login?reason=disconnected");
      app.google.faults.clear();
      await app.clock.advance(5000);
      expect(app.google.calls.list("revoke").at(-1)?.status).toBe(200);
      await app.clock.advance(3_600_000);
      expect(app.google.calls.count("revoke")).toBe(2);
    },
  );

  it("FE-16 takes nothing back from somebody who has come back before Google took it", async () => {
    const following = new AbortController();
    const followed = app.follow(following.signal);
    onTestFinished(async () => {
      following.abort();
      await followed;
    });
    const visitor = await signedIn();
    app.google.faults.set("revoke", { kind: "status", status: 503 });
    await visitor.post("/account", { intent: "disconnect-google" });
    await signedIn();
    app.google.faults.clear();
    app.google.calls.clear();
    await app.clock.advance(60_000);
    expect(app.google.calls.count("revoke")).toBe(0);
    expect(app.google.control.liveRefreshTokens(ADA)).not.toEqual([]);
  });
});

describe("deleting the account", () => {
  it("MP-08 asks once, then leaves no row that names the person", async () => {
    const [laptop, phone] = [await signedIn(), await signedIn()];
    const session = await laptop.session();
    if (session.status !== "authenticated") throw new Error();
    const key = { issuer: app.google.issuer, sub: session.user.id };
    const asked = await laptop.post("/account", { intent: "delete-account" });
    expect(locationOf(asked)).toBe("/account?notice=confirm");
    expect(await laptop.session()).toMatchObject(STILL_IN);

    const answer = await laptop.post("/account", { intent: "delete-account", confirm: "yes" });
    expect(locationOf(answer)).toBe("/login?reason=account_deleted");
    expect(await phone.session()).toEqual(ended("account_deleted"));
    expect(await app.store.readUser(key)).toEqual({ kind: "absent" });
    expect(await app.store.listSessions({ ...key, startedAfter: 0, seenAfter: 0 })).toEqual({
      kind: "found",
      sessions: [],
    });
    expect(app.google.control.liveRefreshTokens(key.sub)).toEqual([]);
  });
});

describe("what concerns all devices", () => {
  const DANGEROUS = [
    "end-other-sessions",
    "end-all-sessions",
    "disconnect-google",
    "delete-account",
  ] as const;
  const asked = async (visitor: Visitor, intent: string) =>
    locationOf(await visitor.post("/account", { intent, confirm: "yes" }));

  /** Presses the page’s button and comes back from Google. */
  async function confirmAtGoogle(visitor: Visitor, intent: string, account = ADA) {
    const page = await (await visitor.get(`/account?confirm=${intent}`)).text();
    const returnTo = /name="returnTo" value="([^"]+)"/.exec(page)?.[1]?.replace("&amp;", "&") ?? "";
    const form = { returnTo, confirm: "yes" };
    const google = locationOf(await visitor.post("/auth/google", form));
    const shown = new URL(google).searchParams;
    const back = await visitor.get(await visitor.answerAtGoogle(google, { account }));
    return { shown, location: locationOf(back) };
  }

  it("SO-09 is done at once by somebody who signed in within the hour, and not by an older sign-in", async () => {
    const [laptop, phone] = [await signedIn(), await signedIn()];
    await app.clock.advance(3_600_000);
    for (const intent of DANGEROUS) {
      expect(await asked(laptop, intent)).toBe(`/account?confirm=${intent}`);
    }
    expect(await phone.session()).toMatchObject(STILL_IN);
    expect(await laptop.session()).toMatchObject(STILL_IN);
    expect(app.google.calls.count("revoke")).toBe(0);

    const { shown, location } = await confirmAtGoogle(laptop, "end-all-sessions");
    expect(shown.get("prompt")).toBe("select_account");
    expect(shown.get("login_hint")).not.toBeNull();
    expect(location).toBe("/account?confirmed=end-all-sessions");
    expect(await (await laptop.get(location)).text()).toMatch(
      /<details[^>]* open=""[^>]*><summary>Sign out everywhere/,
    );
    expect(await asked(laptop, "end-all-sessions")).toBe("/login?reason=signed_out");
    expect(await phone.session()).toEqual(ended("ended_elsewhere"));
  });

  it("SO-09 isn’t opened by somebody else’s Google account, which changes nothing", async () => {
    const laptop = await signedIn();
    await app.clock.advance(3_600_000);
    const { location } = await confirmAtGoogle(laptop, "delete-account", GRACE);
    expect(location).toMatch(/^\/login\?.*error=not_allowed/);
    expect(await laptop.session()).toMatchObject({ ...STILL_IN, user: { email: ADA } });
    expect(await asked(laptop, "delete-account")).toBe("/account?confirm=delete-account");
  });

  it("ends one device all the same, so that an end never has to wait for Google", async () => {
    const [laptop, phone] = [await signedIn(), await signedIn()];
    await app.clock.advance(3_600_000);
    const [handle = ""] = await otherDevices(laptop);
    await laptop.post("/account", { intent: "end-session", session: handle });
    expect(await phone.session()).toEqual(ended("ended_elsewhere"));
  });
});

describe("the browser of an account action that signs out", () => {
  it.each(["end-all-sessions", "disconnect-google", "delete-account"])(
    "SO-11 SO-03 forgets what it has, as after signing out (%s)",
    async (intent) => {
      const visitor = await signedIn();
      await visitor.startSignIn();
      const answer = await visitor.post("/account", { intent, confirm: "yes" });
      expect(answer.headers.get("Clear-Site-Data")).toBe('"cache", "storage"');
      expect(visitor.jar.names()).toEqual([]);
    },
  );
});

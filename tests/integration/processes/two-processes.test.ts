import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeOnPostgres, type TestDatabase } from "../../support/databases";
import { DEPLOYMENT_COOKIE, type Deployment, startDeployment } from "../../support/deployment";
import type { ServerProcess } from "../../support/server-process";
import { locationOf, type Visitor } from "../../support/visitor";

const ADA = "ada.lovelace@gmail.com";
/** Less than 600 s are left of the access token’s hour. */
const UNTIL_DUE = 3_100_000;
const UNTIL_EXPIRED = 3_600_000;
/** An end is known everywhere within five seconds: some pass by the clock, the rest is for the work. */
const SHARE_OF_CLOCK = 2000;
const SHARE_OF_WORK = { timeout: 3000 };

/** Sign-ins a minute and client address: more than the tests need that aren’t about it. */
const RATE = 20;

const SIGNED_IN = { status: "authenticated" };
const REFUSED = { status: "unauthenticated", reason: expect.any(String) };

const defineTests = (database: TestDatabase) => {
  let deployment: Deployment;
  let here: ServerProcess;
  let there: ServerProcess;
  beforeAll(async () => {
    deployment = await startDeployment(database.url());
    const settings = { SIGN_IN_RATE_PER_MINUTE: String(RATE), TRUSTED_PROXY_HOPS: "1" };
    const start = () => deployment.start(settings);
    [here, there] = await Promise.all([start(), start()]);
  }, 30_000);
  afterAll(() => deployment.stop());
  beforeEach(() => deployment.google.control.reset());

  async function signedIn(): Promise<Visitor> {
    const visitor = deployment.visitor(here);
    expect(locationOf(await visitor.signIn({ account: ADA }))).toBe("/dashboard");
    deployment.google.calls.clear();
    return visitor;
  }

  /** Who has a copy of a browser’s cookies as they are now, at one of the processes. */
  const copyOf = (visitor: Visitor, server: ServerProcess) =>
    deployment.visitor(server, visitor.jar.copy());

  const tokenCalls = () => deployment.google.calls.count("token");

  async function expectRefusedThereSoon(thief: Visitor): Promise<void> {
    await deployment.pass(SHARE_OF_CLOCK);
    await expect.poll(() => copyOf(thief, there).session(), SHARE_OF_WORK).toEqual(REFUSED);
  }

  it("MP-06 come up when they start at once on an empty database", async () => {
    for (const server of [here, there]) {
      expect((await deployment.visitor(server).get("/readyz")).status).toBe(200);
      expect(server.log().filter(({ level }) => level === "error")).toEqual([]);
    }
    const migrations = await database.query("select name from latchkey_migrations order by name");
    expect(migrations).toEqual([{ name: "0001-tables" }]);
  });

  it("MP-01 make one token call for 100 parallel requests of one due session, and all succeed", async () => {
    deployment.google.control.rotateRefreshTokens(true);
    const visitor = await signedIn();
    const browsers = [visitor, deployment.visitor(there, visitor.jar)] as const;
    await deployment.pass(UNTIL_DUE);
    const answers = await Promise.all(
      Array.from({ length: 25 }, () =>
        browsers.flatMap((each) => [each.get("/dashboard"), each.get("/api/session")]),
      ).flat(),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
    expect(tokenCalls()).toBe(1);
    for (const browser of browsers) {
      expect(await browser.session()).toMatchObject({
        status: "authenticated",
        accessTokenExpiresAt: expect.closeTo(deployment.clock.now() + 3_600_000, -5),
      });
    }
    expect(tokenCalls()).toBe(1);
  });

  const reported = { type: "sessions-revoked", subject: ADA } as const;

  it.each<[string, "this device" | "all devices", (visitor: Visitor) => Promise<Response>]>([
    ["a sign-out", "this device", (visitor) => visitor.post("/logout")],
    [
      "a sign-out everywhere",
      "all devices",
      (visitor) => visitor.post("/account", { intent: "end-all-sessions" }),
    ],
    [
      "a security event",
      "all devices",
      async () =>
        deployment.visitor(here).request("/auth/google/events", {
          method: "POST",
          headers: { "Content-Type": "application/secevent+jwt" },
          body: await deployment.google.control.sendSecurityEvent(reported),
        }),
    ],
  ])(
    "MP-02 refuse copied cookies after %s: here at once, there within five seconds",
    async (_, devices, end) => {
      const visitor = await signedIn();
      const thief = copyOf(visitor, there);
      const otherDevice = copyOf(await signedIn(), there);
      for (const each of [thief, otherDevice])
        expect(await each.session()).toMatchObject(SIGNED_IN);

      expect((await end(visitor)).status).toBeLessThan(400);
      const other = devices === "all devices" ? REFUSED : SIGNED_IN;
      expect(await copyOf(thief, here).session()).toEqual(REFUSED);
      expect(await copyOf(otherDevice, here).session()).toMatchObject(other);
      await expectRefusedThereSoon(thief);
      expect(await copyOf(otherDevice, there).session()).toMatchObject(other);
      expect(tokenCalls()).toBe(0);
    },
  );

  it("SF-30 allow one address as many sign-ins together as one process would, and shut out nobody else", async () => {
    const beganAt = deployment.clock.now();
    /** How many of so many sign-ins, spread over the servers, go ahead. */
    async function starts(count: number, client: string, servers: readonly ServerProcess[]) {
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          deployment
            .visitor(servers[index % servers.length] ?? here)
            .post("/auth/google", {}, { "X-Forwarded-For": client }),
        ),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.every((status) => status === 302 || status === 429)).toBe(true);
      return statuses.filter((status) => status === 302).length;
    }
    /** Real time goes on meanwhile, and with it the allowance. */
    const most = () => RATE + Math.floor((deployment.clock.now() - beganAt) / (60_000 / RATE));

    const spread = await starts(2 * RATE, "203.0.113.1", [here, there]);
    expect(spread).toBeGreaterThanOrEqual(RATE);
    expect(spread).toBeLessThanOrEqual(most());
    // The one knows what only the other has allowed.
    expect(await starts(RATE, "203.0.113.2", [here])).toBe(RATE);
    const more = await starts(5, "203.0.113.2", [there]);
    expect(RATE + more).toBeLessThanOrEqual(most());
    expect(await starts(5, "203.0.113.3", [there])).toBe(5);
    await deployment.pass(60_000 / RATE);
    expect(await starts(1, "203.0.113.2", [there])).toBe(1);
    expect(await database.dump()).not.toContain("203.0.113");
  });

  it("MP-03 give a late request with the old cookie the newest tokens, with no token call", async () => {
    deployment.google.control.rotateRefreshTokens(true);
    const visitor = await signedIn();
    const late = [copyOf(visitor, here), copyOf(visitor, there)];
    await deployment.pass(UNTIL_EXPIRED);
    expect((await visitor.get("/dashboard")).status).toBe(200);
    const { accessTokenExpiresAt } = Object(await visitor.session());
    for (const browser of late) {
      const before = browser.jar.get(DEPLOYMENT_COOKIE);
      expect((await browser.get("/dashboard")).status).toBe(200);
      expect(browser.jar.get(DEPLOYMENT_COOKIE)).not.toBe(before);
      expect(await browser.session()).toMatchObject({ ...SIGNED_IN, accessTokenExpiresAt });
    }
    expect(tokenCalls()).toBe(1);
  });

  it("FB-7 send the code of a callback that reaches both to Google once, which would else take its tokens back", async () => {
    const visitor = deployment.visitor(here);
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn("/account"));
    deployment.google.calls.clear();
    deployment.google.faults.set("token", { kind: "hold" });
    const [kept, reloaded] = [copyOf(visitor, here), copyOf(visitor, there)];
    const first = kept.get(callback);
    await expect.poll(() => deployment.google.faults.held).toBe(1);
    const answer = await reloaded.get(callback);
    // True whatever becomes of the first, whose session it leaves alone.
    expect(locationOf(answer)).toBe("/login?returnTo=%2Faccount&error=expired");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(answer.headers.getSetCookie()[0]).toContain("-signin-");
    deployment.google.faults.clear();
    expect(locationOf(await first)).toBe("/account");
    expect(tokenCalls()).toBe(1);
    await deployment.pass(UNTIL_EXPIRED);
    expect(await kept.session()).toMatchObject(SIGNED_IN);
  });

  it.each(["here", "there"])(
    "SO-05 keep a session ended that was signed out %s while Google took its time over a refresh",
    async (where) => {
      const visitor = await signedIn();
      const [slow, thief] = [copyOf(visitor, here), copyOf(visitor, here)];
      await deployment.pass(UNTIL_EXPIRED);
      deployment.google.faults.set("token", { kind: "hold" });
      const late = slow.get("/dashboard");
      await expect.poll(() => deployment.google.faults.held).toBe(1);
      await deployment.visitor(where === "here" ? here : there, visitor.jar).post("/logout");
      deployment.google.faults.clear();

      const answer = await late;
      expect(locationOf(answer)).toContain("/login");
      const kept = answer.headers.getSetCookie().filter((cookie) => !/Max-Age=0/.test(cookie));
      expect(kept).toEqual([]);
      expect(await copyOf(thief, here).session()).toEqual(REFUSED);
      await expectRefusedThereSoon(thief);
      expect(tokenCalls()).toBe(1);
    },
  );
};

describeOnPostgres("Two processes of one deployment", defineTests, { oneForAll: true });

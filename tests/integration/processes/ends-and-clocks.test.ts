import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeOnPostgres, type TestDatabase } from "../../support/databases";
import { DEPLOYMENT_COOKIE, type Deployment, startDeployment } from "../../support/deployment";
import type { ServerProcess } from "../../support/server-process";
import { locationOf, type Visitor } from "../../support/visitor";

const ADA = "ada.lovelace@gmail.com";
const MINUTE = 60_000;
const UNTIL_DUE = 3_100_000;
const UNTIL_EXPIRED = 3_600_000;
const HOUR = 60 * MINUTE;
/** An end is known everywhere within five seconds: some pass by the clock, the rest is for the work. */
const SHARE_OF_CLOCK = 2000;
const SHARE_OF_WORK = { timeout: 5000 };

const SIGNED_IN = { status: "authenticated" };
const ended = (reason: string) => ({ status: "unauthenticated", reason });

const defineTests = (database: TestDatabase) => {
  let deployment: Deployment;
  let here: ServerProcess;
  let there: ServerProcess;
  beforeAll(async () => {
    deployment = await startDeployment(database.url());
    [here, there] = await Promise.all([deployment.start(), deployment.start()]);
  }, 30_000);
  afterAll(() => deployment.stop());
  beforeEach(() => deployment.google.control.reset());
  afterEach(async () => {
    deployment.google.faults.clear();
    await deployment.skew(here, 0);
    await deployment.skew(there, 0);
    await deployment.pass(1000);
  });

  async function signedIn(server = here): Promise<Visitor> {
    const visitor = deployment.visitor(server);
    expect(locationOf(await visitor.signIn({ account: ADA }))).toBe("/dashboard");
    deployment.google.calls.clear();
    return visitor;
  }

  /** Who has a copy of a browser’s cookies as they are now, at one of the processes. */
  const copyOf = (visitor: Visitor, server: ServerProcess) =>
    deployment.visitor(server, visitor.jar.copy());
  const tokenCalls = () => deployment.google.calls.count("token");
  const held = () => deployment.google.faults.held;

  async function expectRefusedSoon(thief: Visitor, server: ServerProcess, reason: string) {
    await deployment.pass(SHARE_OF_CLOCK);
    await expect.poll(() => copyOf(thief, server).session(), SHARE_OF_WORK).toEqual(ended(reason));
  }

  it("FE-1 end a session whose row is gone at its next refresh, with an alarm, and without Google", async () => {
    const visitor = await signedIn();
    await database.query("truncate latchkey_sessions");
    await deployment.pass(UNTIL_DUE);
    const page = await visitor.get("/dashboard");
    expect(locationOf(page)).toBe("/login?returnTo=%2Fdashboard&reason=unknown_session");
    expect(await (await visitor.get(locationOf(page))).text()).toContain(
      "This app no longer knows this sign-in",
    );
    expect(tokenCalls()).toBe(0);
    expect(here.log()).toContainEqual(
      expect.objectContaining({ level: "error", event: "session_unknown", alarm: true }),
    );
  });

  it.each(["end-other-sessions", "end-all-sessions", "disconnect-google", "end-session"])(
    "FE-1 do nothing for a session whose row is gone, and say so: %s",
    async (intent) => {
      const visitor = await signedIn();
      await database.query("truncate latchkey_sessions");
      const thief = copyOf(visitor, here);
      const answer = await visitor.post("/account", { intent, session: "x" });
      expect(locationOf(answer)).toBe("/login?reason=unknown_session");
      expect(visitor.jar.names()).toEqual([]);
      expect(await thief.session()).toEqual(ended("unknown_session"));
    },
  );

  it("FE-1 FE-3 end sessions whose rows are gone, with everybody’s", async () => {
    const visitor = await signedIn();
    const thief = copyOf(visitor, there);
    await database.query("truncate latchkey_sessions");
    const fresh = await signedIn();
    await fresh.post("/account", { intent: "end-all-sessions" });
    expect(await copyOf(thief, here).session()).toEqual(ended("ended_elsewhere"));
    await expectRefusedSoon(thief, there, "ended_elsewhere");
    // Whoever signs in from now on is in.
    expect(await (await signedIn(there)).session()).toMatchObject(SIGNED_IN);
  });

  it.each([
    ["behind", -90_000],
    ["ahead", 90_000],
  ])("FE-4 hear of an end on a machine whose clock is 90 s %s", async (_, skewMs) => {
    await deployment.skew(here, skewMs);
    const visitor = await signedIn(there);
    const thief = visitor.jar.copy();
    await deployment.visitor(here, visitor.jar).post("/logout");
    await expectRefusedSoon(deployment.visitor(there, thief), there, "signed_out");
  });

  it("FE-4 hear of an end while the database’s clock jumps ahead and back", async () => {
    const visitor = await signedIn();
    await deployment.skewDatabase(HOUR);
    await deployment.pass(0);
    const thief = copyOf(visitor, there);
    await visitor.post("/logout");
    await deployment.pass(2 * SHARE_OF_CLOCK);
    await expectRefusedSoon(thief, there, "signed_out");
  });

  it("FE-5 refuse a copied cookie after a restart as long as its access token lives", async () => {
    deployment.google.control.setAccessTokenSeconds(86_400);
    const visitor = await signedIn();
    const thief = copyOf(visitor, there);
    await visitor.post("/logout");
    await deployment.pass(5 * HOUR);
    const restarted = await deployment.start();
    await expectRefusedSoon(thief, restarted, "signed_out");
    await restarted.stop();
  });

  it("FE-6 refresh once, however slow a healthy Google is", async () => {
    deployment.google.control.rotateRefreshTokens(true);
    const visitor = await signedIn();
    await deployment.pass(UNTIL_EXPIRED);
    // Discovery is an hour old, and the keys are new.
    deployment.google.control.rotateKeys();
    for (const endpoint of ["discovery", "token", "jwks"] as const) {
      deployment.google.faults.set(endpoint, { kind: "hold" });
    }
    const pages = [visitor.get("/dashboard"), copyOf(visitor, there).get("/dashboard")];
    await expect.poll(held).toBe(1);
    await deployment.pass(4000);
    deployment.google.faults.clear("discovery");
    await expect.poll(tokenCalls).toBe(1);
    await deployment.pass(4000);
    deployment.google.faults.clear("token");
    // For whoever asks for keys as well.
    await deployment.visitor(here).get("/login");
    await deployment.pass(3000);
    await deployment.visitor(there).get("/login");
    deployment.google.faults.clear();
    for (const page of await Promise.all(pages)) expect(page.status).toBe(200);
    for (const server of [here, there]) {
      await expect
        .poll(() => copyOf(visitor, server).session(), SHARE_OF_WORK)
        .toMatchObject({
          ...SIGNED_IN,
          accessTokenExpiresAt: expect.closeTo(deployment.clock.now() + HOUR, -5),
        });
    }
    expect(tokenCalls()).toBe(1);
  });

  it("FE-8 refresh once although their clocks are 20 s apart", async () => {
    deployment.google.control.rotateRefreshTokens(true);
    const visitor = await signedIn();
    await deployment.pass(UNTIL_EXPIRED);
    await deployment.skew(there, 20_000);
    deployment.google.faults.set("token", { kind: "hold" });
    const first = visitor.get("/dashboard");
    await expect.poll(held).toBe(1);
    const second = copyOf(visitor, there).get("/dashboard");
    await deployment.pass(1000);
    expect(
      await copyOf(visitor, there)
        .get("/login")
        .then(({ status }) => status),
    ).toBe(302);
    expect(tokenCalls()).toBe(1);
    deployment.google.faults.clear();
    expect((await first).status).toBe(200);
    expect((await second).status).toBe(200);
    expect(tokenCalls()).toBe(1);
  });

  it("FE-9 take a lease from the far future for none", async () => {
    const victim = await deployment.start();
    const visitor = await signedIn(victim);
    await deployment.pass(UNTIL_EXPIRED);
    deployment.google.faults.set("token", { kind: "hang" }, { times: 1 });
    const lost = expect(visitor.get("/dashboard")).rejects.toThrow();
    await expect.poll(held).toBe(1);
    await victim.kill();
    await lost;
    await deployment.skewDatabase(-HOUR);
    const began = performance.now();
    const page = await deployment.visitor(here, visitor.jar).get("/dashboard");
    expect(page.status).toBe(200);
    expect(await page.text()).not.toContain("be reached just now");
    // A lease’s ten seconds or more would have passed in earnest.
    expect(performance.now() - began).toBeLessThan(8000);
  });

  it("FE-17 give a refresh token that replaces another to every device that had the old one", async () => {
    deployment.google.control.rotateRefreshTokens(true);
    const laptop = await signedIn();
    const phone = deployment.visitor(there);
    expect(locationOf(await phone.signIn({ account: ADA }))).toBe("/dashboard");
    for (let round = 0; round < 3; round++) {
      await deployment.pass(UNTIL_EXPIRED);
      for (const device of [laptop, phone]) {
        expect((await device.get("/dashboard")).status).toBe(200);
        expect(await device.session()).toMatchObject({
          ...SIGNED_IN,
          accessTokenExpiresAt: expect.closeTo(deployment.clock.now() + HOUR, -5),
        });
      }
    }
  });

  it("FE-14 never write the cookie of an old session over a new one’s", async () => {
    const visitor = await signedIn();
    await deployment.pass(6 * MINUTE);
    deployment.google.faults.set("userinfo", { kind: "hold" });
    const slow = deployment.visitor(there, visitor.jar.copy()).get("/dashboard");
    await expect.poll(held).toBe(1);
    expect(locationOf(await visitor.signIn({ account: ADA }))).toBe("/dashboard");
    deployment.google.faults.clear();
    const late = await slow;
    expect(late.headers.getSetCookie()).toEqual([]);
    visitor.jar.store(late.headers);
    expect(await visitor.session()).toMatchObject(SIGNED_IN);
  });
};

describeOnPostgres("Two processes of one deployment", defineTests, { oneForAll: true });

const OLD = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const NEW = "Wd4Jq9Zs1Lm6Xt8Rb3Vk7Ny2Hc5Gf0Pa";

describeOnPostgres(
  "Replacing the secret over two processes",
  (database) => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await startDeployment(database.url());
    });
    afterAll(() => deployment.stop());
    const started = (secrets: string) => deployment.start({ SESSION_SECRET: secrets });

    /** The same browser at one process and the other, with a refresh at each. */
    async function expectSignedInAt(visitor: Visitor, servers: readonly ServerProcess[]) {
      for (const server of servers) {
        await deployment.pass(UNTIL_EXPIRED);
        const browser = deployment.visitor(server, visitor.jar);
        expect((await browser.get("/dashboard")).status).toBe(200);
        expect(await browser.session()).toMatchObject(SIGNED_IN);
      }
    }

    it("FE-12 signs nobody out in two steps: first all can read it, then it seals", async () => {
      const [one, two] = [await started(OLD), await started(OLD)];
      const visitor = deployment.visitor(one);
      await visitor.signIn({ account: ADA });
      const steps = [`${OLD},${NEW}`, `${NEW},${OLD}`];
      let [before, beside] = [one, two];
      for (const secrets of steps) {
        const next = await started(secrets);
        await expectSignedInAt(visitor, [next, beside, next]);
        await before.stop();
        before = await started(secrets);
        await expectSignedInAt(visitor, [next, before]);
        await beside.stop();
        beside = next;
      }
    });

    it("FE-12 deletes no cookie by a process that doesn’t know its key", async () => {
      const [ahead, behind] = [await started(`${NEW},${OLD}`), await started(OLD)];
      const visitor = deployment.visitor(ahead);
      await visitor.signIn({ account: ADA });
      const lost = deployment.visitor(behind, visitor.jar);
      expect(locationOf(await lost.get("/dashboard"))).toContain("reason=unreadable");
      expect(visitor.jar.names()).toContain(DEPLOYMENT_COOKIE);
      expect(await visitor.session()).toMatchObject(SIGNED_IN);
    });
  },
  { oneForAll: true },
);

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeOnPostgres, type TestDatabase } from "../../support/databases";
import { type Deployment, startDeployment } from "../../support/deployment";
import { lockTable } from "../../support/postgres";
import type { ServerProcess } from "../../support/server-process";
import { locationOf, type Visitor } from "../../support/visitor";

const UNTIL_EXPIRED = 3_600_000;
const LEASE_MS = 15_000;

const defineTests = (database: TestDatabase) => {
  let deployment: Deployment;
  let survivor: ServerProcess;
  beforeAll(async () => {
    deployment = await startDeployment(database.url());
    survivor = await deployment.start();
    // The first page loads code; later ones show how fast it is.
    await deployment.visitor(survivor).get("/login");
  }, 30_000);
  afterAll(() => deployment.stop());
  beforeEach(() => deployment.google.control.reset());

  /** A process that is to die, and somebody who was signed in there an hour ago. */
  async function aboutToDie(): Promise<{ victim: ServerProcess; visitor: Visitor }> {
    const victim = await deployment.start();
    const visitor = deployment.visitor(victim);
    expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    await deployment.pass(UNTIL_EXPIRED);
    deployment.google.calls.clear();
    return { victim, visitor };
  }

  const tokenCalls = () => deployment.google.calls.count("token");
  const held = () => deployment.google.faults.held;

  /** A request that never gets its answer. */
  const lost = (request: Promise<Response>) => expect(request).rejects.toThrow();

  /** The next request takes over when the lease has run out, not before, and the session goes on. */
  async function expectTakenOver(visitor: Visitor): Promise<void> {
    const before = tokenCalls();
    const browser = deployment.visitor(survivor, visitor.jar);
    const page = browser.get("/dashboard");
    await deployment.pass(LEASE_MS - 3000);
    // By the time these are answered, the request that waits would have asked Google.
    const others = Array.from({ length: 5 }, () => deployment.visitor(survivor).get("/login"));
    await Promise.all(others);
    expect(tokenCalls()).toBe(before);
    // Nobody is held up by the dead: the page shows the gap meanwhile (FE-22).
    expect((await page).status).toBe(200);
    await deployment.pass(3000);
    await expect.poll(tokenCalls).toBe(before + 1);
    expect(await browser.session()).toMatchObject({
      status: "authenticated",
      accessTokenExpiresAt: expect.closeTo(deployment.clock.now() + 3_600_000, -5),
    });
  }

  it.each([
    ["before Google does anything", "hang"],
    ["when Google has renewed the tokens, and not answered yet", "hold"],
  ] as const)("MP-04 %s, the next request takes over when the lease ends", async (_, kind) => {
    const { victim, visitor } = await aboutToDie();
    deployment.google.faults.set("token", { kind }, { times: 1 });
    const request = lost(visitor.get("/dashboard"));
    await expect.poll(held).toBe(1);
    await victim.kill();
    await request;
    await expectTakenOver(visitor);
  });

  it("MP-04 when Google’s answer has come, and isn’t written yet, it takes over as well", async () => {
    const { victim, visitor } = await aboutToDie();
    deployment.google.faults.set("token", { kind: "hold" }, { times: 1 });
    const request = lost(visitor.get("/dashboard"));
    await expect.poll(held).toBe(1);
    const lock = await lockTable(database.url(), "latchkey_sessions");
    deployment.google.faults.release();
    await expect.poll(lock.waiting).toBeGreaterThan(0);
    await victim.kill();
    await request;
    await lock.releaseWithoutThem();
    await expectTakenOver(visitor);
  });

  it("MP-04 MP-03 when the tokens are written, and the browser hasn’t got them, they are handed on", async () => {
    deployment.google.control.rotateRefreshTokens(true);
    const { victim, visitor } = await aboutToDie();
    const lostAnswer = visitor.jar.copy();
    expect((await visitor.get("/dashboard")).status).toBe(200);
    await victim.kill();
    const browser = deployment.visitor(survivor, lostAnswer);
    expect((await browser.get("/dashboard")).status).toBe(200);
    expect(await browser.session()).toMatchObject({ status: "authenticated" });
    expect(tokenCalls()).toBe(1);
  });

  it("FE-16 SO-07 a grant that Google wouldn’t take back is given back by another process, when it is due", async () => {
    const victim = await deployment.start();
    const visitor = deployment.visitor(victim);
    await visitor.signIn();
    const [token] = deployment.google.control.liveRefreshTokens();
    deployment.google.faults.set("revoke", { kind: "status", status: 503 });
    deployment.google.calls.clear();
    const answer = await visitor.post("/account", { intent: "disconnect-google" });
    expect(locationOf(answer)).toBe("/login?reason=disconnected");
    expect(deployment.google.calls.list("revoke").map(({ params }) => params.token)).toEqual([
      token,
    ]);
    await victim.kill();
    // Not in a database dump either.
    expect(await database.dump()).not.toContain(token);

    const revocations = () => deployment.google.calls.count("revoke");
    for (const [index, pauseMs] of [5000, 30_000, 300_000].entries()) {
      expect(revocations()).toBe(index + 1);
      await deployment.pass(pauseMs);
      await expect.poll(revocations).toBe(index + 2);
    }
    const readiness = async () => (await deployment.visitor(survivor).get("/readyz")).json();
    expect(await readiness()).toMatchObject({ status: "ready", waiting: { revocations: 1 } });
    expect(deployment.google.control.liveRefreshTokens()).toEqual([token]);
    deployment.google.faults.clear();
    await deployment.pass(UNTIL_EXPIRED);
    await expect.poll(() => deployment.google.control.liveRefreshTokens()).toEqual([]);
    await expect.poll(readiness).toMatchObject({ waiting: { revocations: 0 } });
    await deployment.pass(UNTIL_EXPIRED);
    expect(revocations()).toBe(5);
  });
};

describeOnPostgres("A process that is killed in a refresh", defineTests, { oneForAll: true });

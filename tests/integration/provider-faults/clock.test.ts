import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp } from "../../support/test-app";
import { locationOf, type Visitor } from "../../support/visitor";
import { type FaultWorld, startFaultWorld } from "./fault-world";
import { GAP } from "./play-fault";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

/** One page with Google’s data, and then some more requests that would refresh if they could. */
async function load(visitor: Visitor, times = 10): Promise<void> {
  expect(await (await visitor.get("/dashboard")).text()).not.toContain(GAP);
  for (let request = 1; request < times; request++) {
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  }
}

const setBack = (ms: number) => world.app.clock.set(world.app.clock.now() - ms);

describe("a clock that is wrong", () => {
  it.each([
    ["five minutes ahead of Google’s", 5 * MINUTE],
    ["five minutes behind Google’s", -5 * MINUTE],
  ])("PF-17 SF-20 %s: signs in, and refreshes once an hour", async (_, clockAheadMs) => {
    const skewed = await startTestApp({ beside: world.app, clockAheadMs });
    const visitor = skewed.visitor();
    expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    await load(visitor);
    expect(world.refreshes()).toBe(0);
    for (const refreshes of [1, 2]) {
      await world.app.clock.advance(50 * MINUTE);
      await load(visitor);
      expect(world.refreshes()).toBe(refreshes);
    }
    // Counted on this clock from its own beginning, the session is as long as anybody’s.
    expect(await visitor.session()).toMatchObject({
      status: "authenticated",
      accessTokenExpiresAt: world.app.clock.now() + clockAheadMs + HOUR,
    });
  });

  it.each([
    ["more than five minutes behind", -5 * MINUTE - 1000],
    ["hours ahead", 3 * HOUR],
  ])(
    "PF-17 SF-20 by more than is tolerated (%s): lets nobody in, and says why in the log",
    async (_, clockAheadMs) => {
      const skewed = await startTestApp({ beside: world.app, clockAheadMs });
      expect(locationOf(await skewed.visitor().signIn())).toContain("error=invalid_response");
      expect(skewed.log.lines).toContainEqual(
        expect.objectContaining({
          event: "authn_login_fail",
          fields: expect.objectContaining({ cause: "id_token_times" }),
        }),
      );
    },
  );
});

describe("a clock that is set back", () => {
  it.each([
    ["a minute", MINUTE, 0],
    ["an hour", HOUR, 1],
    ["a day", DAY, 1],
    ["a year", 365 * DAY, 1],
  ])("PF-17 by %s: the session goes on, with no refresh loop", async (_, ms, refreshes) => {
    const visitor = await world.signedIn();
    setBack(ms);
    await load(visitor);
    expect(world.refreshes()).toBe(refreshes);
    await world.app.clock.advance(50 * MINUTE);
    await load(visitor);
    expect(world.refreshes()).toBe(refreshes + (refreshes === 0 ? 0 : 1));
  });

  it("PF-17 SC-10 and set right again: the limits are where they were", async () => {
    const { clock } = world.app;
    const visitor = await world.signedIn();
    const began = clock.now();
    const before = await visitor.session();
    setBack(DAY);
    await load(visitor, 3);
    expect(await visitor.session()).toMatchObject({ expiresAt: began + 30 * DAY });
    clock.set(began);
    expect(await visitor.session()).toMatchObject({
      expiresAt: before.status === "authenticated" && before.expiresAt,
    });
    const cookie = visitor.jar.header() ?? "";
    clock.set(began + 30 * DAY);
    expect(locationOf(await visitor.get("/account", { Cookie: cookie }))).toContain("reason=idle");
  });

  it("PF-17 during an outage: the pause isn’t made longer by it", async () => {
    const visitor = await world.signedIn();
    await world.app.clock.advance(50 * MINUTE);
    world.app.google.faults.set("token", { kind: "status", status: 403 });
    await world.inTime(visitor.get("/dashboard"));
    expect(world.refreshes()).toBe(1);
    world.app.google.faults.clear();
    setBack(DAY);
    await load(visitor, 3);
    expect(world.refreshes()).toBe(2);
  });

  it("PF-17 by four minutes during a sign-in: it still works; by an hour: a new one does", async () => {
    const visitor = world.app.visitor();
    const early = await visitor.answerAtGoogle(await visitor.startSignIn());
    setBack(4 * MINUTE);
    expect(locationOf(await visitor.get(early))).toBe("/dashboard");

    const other = world.app.visitor();
    const late = await other.answerAtGoogle(await other.startSignIn());
    setBack(HOUR);
    expect(locationOf(await other.get(late))).toContain("error=expired");
    expect(locationOf(await other.signIn())).toBe("/dashboard");
  });
});

describe("a clock that jumps ahead and comes back", () => {
  it("PF-17 costs one refresh each way, and no session", async () => {
    const { clock } = world.app;
    const visitor = await world.signedIn();
    const began = clock.now();
    clock.set(began + DAY);
    await load(visitor);
    expect(world.refreshes()).toBe(1);
    clock.set(began);
    await load(visitor);
    expect(world.refreshes()).toBe(2);
    expect(await visitor.session()).toMatchObject({ accessTokenExpiresAt: began + HOUR });
  });
});

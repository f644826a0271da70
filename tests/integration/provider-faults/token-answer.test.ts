import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  ADMINISTRATORS_RULES,
  DEAD_GRANTS,
  ID_TOKENS_FOR_SOMEBODY_ELSE,
  NO_ID_TOKEN,
  OUR_OWN_FAULTS,
  PASSING_ERRORS,
  SIGN_IN_WANTED_AGAIN,
  UNPROVEN_ID_TOKENS,
  UNUSABLE_TOKENS,
} from "./fault-table";
import { type FaultWorld, startFaultWorld } from "./fault-world";
import { casesOf, GAP, refreshCasesOf, setCookieNames, signInCasesOf } from "./play-fault";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

describe("a token endpoint that answers", () => {
  it.each(casesOf(PASSING_ERRORS))("PF-05 %s", (_what, play) => play(world));
  it.each(casesOf(DEAD_GRANTS))("PF-06 TR-09 %s", (_what, play) => play(world));
  it.each(casesOf(SIGN_IN_WANTED_AGAIN))("PF-07 TR-10 %s", (_what, play) => play(world));
  it.each(casesOf(ADMINISTRATORS_RULES))("PF-08 %s", (_what, play) => play(world));
  it.each(casesOf(OUR_OWN_FAULTS))("PF-09 TR-11 %s", (_what, play) => play(world));
  it.each(casesOf(UNUSABLE_TOKENS))("PF-10 %s", (_what, play) => play(world));

  const SECOND = 1000;
  it.each([
    ["3600", 3600 * SECOND],
    [null, 3600 * SECOND],
    [1800, 1800 * SECOND],
    [1800.7, 1800.7 * SECOND],
    [1e12, 86_400 * SECOND],
    ["99999999999999999999", 86_400 * SECOND],
  ])("PF-10 TR-02 a sign-in and a refresh are told expires_in %j", async (expiresIn, lifeMs) => {
    const { app } = world;
    app.google.faults.set("token", { kind: "merge", merge: { expires_in: expiresIn } });
    const visitor = await world.signedIn();
    expect(await visitor.session()).toMatchObject({
      accessTokenExpiresAt: app.clock.now() + lifeMs,
    });
    for (const load of [1, 2, 3]) {
      await app.clock.advance(lifeMs);
      expect((await visitor.get("/dashboard")).status).toBe(200);
      expect(world.refreshes()).toBe(load);
      expect(await visitor.session()).toMatchObject({
        accessTokenExpiresAt: app.clock.now() + lifeMs,
      });
    }
  });
});

describe("the ID token that comes along", () => {
  it.each(signInCasesOf([NO_ID_TOKEN]))("PF-11 %s", (_what, play) => play(world));
  it.each(refreshCasesOf(ID_TOKENS_FOR_SOMEBODY_ELSE))(
    "PF-11 TR-15 OIDF refresh-token-invalid-issuer, -invalid-sub: %s",
    (_what, play) => play(world),
  );

  it.each(UNPROVEN_ID_TOKENS)(
    "PF-11 FE-11 costs nobody the new tokens beside it, which may be the only ones, with the flaw %s",
    async (flaw) => {
      world.app.google.control.rotateRefreshTokens(true);
      const visitor = await world.signedIn();
      await world.app.clock.advance(3_600_000);
      world.app.google.faults.set("token", { kind: "id-token", flaw });
      expect(setCookieNames(await visitor.get("/dashboard"))).toEqual([world.app.cookie]);
      expect(world.logged("authn_token_created")).toHaveLength(1);
      world.app.google.faults.clear();
      await world.app.clock.advance(3_600_000);
      expect(await (await visitor.get("/dashboard")).text()).not.toContain(GAP);
      expect(world.logged("session_expired")).toEqual([]);
    },
  );

  it.each(["missing", "no-kid", "missing-nonce", "email-unverified"] as const)(
    "PF-11 OIDF refresh-token: a refresh needs none, and none with a nonce, a key id or an address (%s)",
    async (flaw) => {
      const visitor = await world.signedIn();
      await world.app.clock.advance(3_600_000);
      world.app.google.faults.set("token", { kind: "id-token", flaw });
      const page = await visitor.get("/dashboard");
      expect(setCookieNames(page)).toEqual([world.app.cookie]);
      expect(world.logged("authn_token_created")).toHaveLength(1);
    },
  );

  it("PF-11 leaves a session alone that a failed sign-in finds", async () => {
    const visitor = await world.signedIn();
    const before = await visitor.session();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    world.app.google.faults.set("token", { kind: "id-token", flaw: "missing" });
    await visitor.get(callback);
    expect(visitor.jar.names()).toEqual([world.app.cookie]);
    expect(await visitor.session()).toEqual(before);
  });
});

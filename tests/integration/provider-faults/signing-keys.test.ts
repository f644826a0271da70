import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../../local-google/faults";
import { startTestApp, type TestApp } from "../../support/test-app";
import { locationOf } from "../../support/visitor";
import { type FaultWorld, startFaultWorld } from "./fault-world";
import { setCookieNames } from "./play-fault";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

/** A process that has no keys yet. */
const started = () => startTestApp({ beside: world.app, fetch: world.network.fetch });
const keyFetches = () => world.app.google.calls.count("jwks");

/** The callback’s answer, from a sign-in that has come back from Google. */
async function callback(app: TestApp, visitor = app.visitor()) {
  const address = await visitor.answerAtGoogle(await visitor.startSignIn());
  const { answer } = await world.inTime(visitor.get(address));
  return answer;
}

const FAULTS: readonly [fault: string, play: Fault][] = [
  ["500", { kind: "status", status: 500 }],
  ["no keys", { kind: "merge", merge: { keys: [] } }],
  ["an HTML page", { kind: "html" }],
  ["ten megabytes", { kind: "huge", bytes: 10_000_000 }],
  ["nothing", { kind: "hang" }],
];

describe("an endpoint of signing keys that answers with", () => {
  it.each(FAULTS)("PF-13 %s: nobody gets in while there are no keys", async (_, fault) => {
    const cold = await started();
    const visitor = cold.visitor();
    world.app.google.faults.set("jwks", fault);
    const answer = await callback(cold, visitor);
    expect(locationOf(answer)).toBe("/login?returnTo=%2Fdashboard&error=google_unavailable");
    expect(visitor.jar.names()).toEqual([]);
    expect(cold.log.lines).toContainEqual(
      expect.objectContaining({
        event: "authn_login_fail",
        fields: expect.objectContaining({ cause: "keys_unavailable" }),
      }),
    );

    world.app.google.faults.clear();
    expect(locationOf(await visitor.signIn())).toBe("/dashboard");
  });

  it.each(FAULTS)(
    "PF-13 SF-21 %s: the keys at hand go on serving sign-ins and refreshes",
    async (_, fault) => {
      const { control, faults } = world.app.google;
      control.setJwksMaxAge(60);
      const warm = await started();
      const visitor = warm.visitor();
      await visitor.signIn();
      await warm.clock.advance(3_600_000);
      faults.set("jwks", fault);
      const { answer } = await world.inTime(visitor.get("/dashboard"));
      expect(setCookieNames(answer)).toEqual([warm.cookie]);
      expect(warm.log.lines).toContainEqual(
        expect.objectContaining({ event: "authn_token_created" }),
      );
      await warm.clock.advance(60_000);
      expect(locationOf(await callback(warm, visitor))).toBe("/dashboard");
    },
  );

  it("PF-13 FE-6 500, at a refresh of a process that has just started: nobody asks for them", async () => {
    const visitor = await world.signedIn();
    const cold = await started();
    await cold.clock.advance(3_600_000);
    world.app.google.faults.set("jwks", { kind: "status", status: 500 });
    const page = await cold.visitor(visitor.jar).get("/dashboard");
    expect(setCookieNames(page)).toEqual([cold.cookie]);
    expect(keyFetches()).toBe(0);
  });
});

describe("keys that change", () => {
  it("PF-13 SF-21 OIDF signing-key-rotation, -just-before-signing: are fetched once, at the first token that needs them", async () => {
    const visitor = await world.signedIn();
    await world.app.clock.advance(3_600_000);
    world.app.google.control.rotateKeys();
    await visitor.get("/dashboard");
    expect(world.logged("authn_token_created")).toHaveLength(1);
    // A refresh proves nothing by them.
    expect(keyFetches()).toBe(0);
    for (let signIn = 0; signIn < 2; signIn++) {
      expect(locationOf(await world.app.visitor().signIn())).toBe("/dashboard");
      expect(keyFetches()).toBe(1);
    }
  });

  it("PF-13 SF-21 and can’t be fetched: nobody gets in with an unknown one, and no session ends", async () => {
    const visitor = await world.signedIn();
    await world.app.clock.advance(3_600_000);
    world.app.google.control.rotateKeys();
    world.app.google.faults.set("jwks", { kind: "status", status: 500 });
    expect(setCookieNames(await visitor.get("/account"))).toEqual([world.app.cookie]);
    expect(locationOf(await callback(world.app))).toMatch(/&error=google_unavailable$/);
    expect(keyFetches()).toBe(1);

    world.app.google.faults.clear();
    await world.app.clock.advance(60_000);
    expect(locationOf(await callback(world.app))).toBe("/dashboard");
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("PF-17 are fetched also after the clock was set back", async () => {
    const { clock, google } = world.app;
    await world.signedIn();
    clock.set(clock.now() - 86_400_000);
    google.control.rotateKeys();
    expect(locationOf(await world.app.visitor().signIn())).toBe("/dashboard");
    expect(keyFetches()).toBe(1);
  });

  it("PF-13 SF-21 are looked for once, not for every one of ten unknown ones", async () => {
    await world.signedIn();
    await world.app.clock.advance(60_000);
    world.app.google.faults.set("token", { kind: "id-token", flaw: "unknown-kid" });
    for (let signIn = 0; signIn < 10; signIn++) {
      expect(locationOf(await callback(world.app))).toContain("error=invalid_response");
    }
    expect(keyFetches()).toBe(1);
  });

  it("SF-21 OIDF kid-absent-single-jwks: one key alone serves a token that names none", async () => {
    const { faults } = world.app.google;
    const cold = await started();
    faults.set("jwks", {
      kind: "rewrite",
      change: ({ keys }) => ({ keys: (keys as []).slice(0, 1) }),
    });
    faults.set("token", { kind: "id-token", flaw: "no-kid" });
    expect(locationOf(await callback(cold))).toBe("/dashboard");
  });

  it("SF-21 OIDF kid-absent-multiple-jwks, idtoken-sig-rs256: several serve it too", async () => {
    world.app.google.faults.set("token", { kind: "id-token", flaw: "no-kid" });
    expect(locationOf(await callback(await started()))).toBe("/dashboard");
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Fault } from "../../local-google/faults";
import { type FaultWorld, startFaultWorld } from "./fault-world";
import { GAP, setCookieNames } from "./play-fault";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

const SOMEBODY_ELSE = { sub: "199999999999999999999", name: "Mallory", email: "mallory@evil.test" };

const FAULTS: readonly [fault: string, play: Fault, cause: string][] = [
  ["401", { kind: "status", status: 401 }, "refused"],
  ["500", { kind: "status", status: 500 }, "unreachable"],
  ["somebody else’s profile", { kind: "merge", merge: SOMEBODY_ELSE }, "wrong_subject"],
  ["a profile without sub", { kind: "merge", merge: { sub: null } }, "wrong_subject"],
  ["an HTML page", { kind: "html" }, "unreachable"],
  ["half an answer", { kind: "truncated" }, "unreachable"],
  ["ten megabytes", { kind: "huge", bytes: 10_000_000 }, "unreachable"],
  ["nothing", { kind: "hang" }, "unreachable"],
];

/** The answer; while Google holds its own back, time passes. */
async function answered(pending: Promise<Response>, held: boolean) {
  if (!held) return { answer: await pending, waitedMs: 0 };
  await vi.waitUntil(() => world.app.google.faults.held === 1, { timeout: 10_000 });
  return world.inTime(pending);
}

describe("a userinfo endpoint that answers with", () => {
  it.each(FAULTS)(
    "PF-14 SF-25 OIDF userinfo-invalid-sub: %s, after a sign-in and after a refresh",
    async (_, fault, cause) => {
      const { app } = world;
      app.google.faults.set("userinfo", fault);
      // A sign-in doesn’t ask it: the ID token has said who it is.
      const visitor = await world.signedIn({ account: "ada.lovelace@gmail.com" });
      for (const refreshes of [0, 1]) {
        app.log.lines.length = 0;
        app.google.calls.clear();
        const pending = visitor.get("/dashboard");
        const { answer, waitedMs } = await answered(pending, fault.kind === "hang");
        expect(answer.status).toBe(200);
        expect(waitedMs).toBeLessThanOrEqual(5250);
        const text = await answer.text();
        expect(text).toMatch(/Hello, (<!-- -->)?Ada Lovelace/);
        expect(text).toContain(GAP);
        expect(text).not.toMatch(/mallory|199999/i);
        // A refused token is renewed out of turn, once, and the call made again (DA-07).
        const renewed = refreshes + (cause === "refused" ? 1 : 0);
        expect(setCookieNames(answer)).toEqual(renewed ? [app.cookie] : []);
        expect(app.google.calls.count("userinfo")).toBe(cause === "refused" ? 2 : 1);
        expect(world.refreshes()).toBe(renewed);
        expect(world.logged("google_api_failed")).toEqual([
          expect.objectContaining({
            level: "warn",
            fields: expect.objectContaining({ api: "userinfo", cause }),
          }),
        ]);
        await app.clock.advance(3_600_000);
      }

      app.google.faults.clear();
      expect(await (await visitor.get("/dashboard")).text()).not.toContain(GAP);
      expect(await visitor.session()).toMatchObject({ user: { name: "Ada Lovelace" } });
    },
  );

  it("DA-07 401 once: renews the token, asks again, and shows no gap", async () => {
    const { app } = world;
    const visitor = await world.signedIn({ account: "ada.lovelace@gmail.com" });
    app.google.faults.set("userinfo", { kind: "status", status: 401 }, { times: 1 });
    const answer = await visitor.get("/dashboard");
    expect(await answer.text()).not.toContain(GAP);
    expect(setCookieNames(answer)).toEqual([app.cookie]);
    expect([app.google.calls.count("userinfo"), world.refreshes()]).toEqual([2, 1]);
  });

  it("DA-07 401 again and again: asks for one new token a minute, and signs nobody out", async () => {
    const { app } = world;
    const visitor = await world.signedIn({ account: "ada.lovelace@gmail.com" });
    app.google.faults.set("userinfo", { kind: "status", status: 401 });
    for (const refreshes of [1, 1, 1]) {
      expect((await visitor.get("/dashboard")).status).toBe(200);
      expect(world.refreshes()).toBe(refreshes);
    }
    await app.clock.advance(60_000);
    await visitor.get("/dashboard");
    expect(world.refreshes()).toBe(2);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("PF-14 OIDF scope-userinfo-claims: name and address, and shows them", async () => {
    const visitor = await world.signedIn({ account: "grace.hopper@gmail.com" });
    world.app.google.control.changeAccount("grace.hopper@gmail.com", {
      name: "Rear Admiral Hopper",
    });
    const text = await (await visitor.get("/dashboard")).text();
    expect(text).toContain("Rear Admiral Hopper");
    expect(text).toContain("Verified by Google");
  });
});

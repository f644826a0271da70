import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Visitor } from "../../support/visitor";
import { type FaultWorld, STEP_MS, startFaultWorld } from "./fault-world";
import { GAP } from "./play-fault";

const UNTIL_DUE = 3_000_000;
const UNTIL_EXPIRED = 3_600_000;

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

async function people(count: number): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  while (visitors.length < count) {
    const account = `person-${visitors.length}@gmail.com`;
    world.app.google.control.addAccount({ email: account });
    visitors.push(await world.signedIn({ account }));
  }
  return visitors;
}

/** All at once. */
async function load(visitors: readonly Visitor[], path: string): Promise<Response[]> {
  const answers = Promise.all(visitors.map((visitor) => visitor.get(path)));
  return (await world.inTime(answers)).answer;
}

const askedAt = () => world.app.google.calls.list("token").map(({ at }) => at);

const MANY = 12;

describe("many sessions that expire together during an outage", () => {
  it.each([
    ["Google answers with 503", { kind: "status", status: 503 }],
    ["Google cuts every connection", { kind: "reset" }],
    ["our own client is refused", { kind: "oauth-error", status: 401, error: "invalid_client" }],
  ] as const)(
    "PF-18 (%s): Google is asked now and then, nobody is signed out, and all heals",
    async (_, fault) => {
      const { app } = world;
      const visitors = await people(MANY);
      await app.clock.advance(UNTIL_EXPIRED);
      app.google.faults.set("token", fault);

      const pages = Promise.all(visitors.map((visitor) => visitor.get("/dashboard")));
      // While the clock stands still nobody tries again: all of them have heard the first answer before.
      await vi.waitUntil(() => world.refreshes() >= MANY, { timeout: 10_000 });
      for (const page of (await world.inTime(pages)).answer) {
        expect(page.status).toBe(200);
        expect(await page.text()).toContain(GAP);
      }
      // Nothing was known yet: each has tried, and a few again before it was clear.
      expect(world.refreshes()).toBeLessThanOrEqual(MANY + 9);

      app.google.calls.clear();
      for (let second = 0; second < 60; second += 10) {
        const answers = await load(visitors, "/api/session");
        expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
        await world.pass(10_000);
      }
      // A single one tries, after pauses of 5, 10, 20 and 30 s, of which half is jitter.
      expect(world.refreshes()).toBeLessThanOrEqual(6);
      expect(world.logged("session_expired")).toEqual([]);

      app.google.faults.clear();
      app.google.calls.clear();
      await world.pass(60_000);
      await load(visitors, "/dashboard");
      for (const page of await load(visitors, "/dashboard")) {
        expect(await page.text()).not.toContain(GAP);
      }
      expect(world.refreshes()).toBe(MANY);
    },
  );

  it("PF-02 PF-18 with every call hanging: everybody else is served at once", async () => {
    const { app } = world;
    const stuck = await people(MANY);
    await app.clock.advance(UNTIL_EXPIRED);
    const other = await world.signedIn();
    app.google.faults.set("token", { kind: "hang" });
    const pages = Promise.all(stuck.map((visitor) => visitor.get("/dashboard")));
    await vi.waitUntil(() => app.google.faults.held === MANY, { timeout: 10_000 });
    // Answered while the clock stands still.
    for (const path of ["/", "/dashboard", "/account", "/api/session", "/healthz"]) {
      expect((await other.get(path)).status).toBe(200);
    }

    const { answer, waitedMs } = await world.inTime(pages);
    expect(waitedMs).toBeLessThanOrEqual(8000 + STEP_MS);
    for (const page of answer) expect(await page.text()).toContain(GAP);
    // Nothing is left behind, once the calls have come to their deadlines.
    await world.pass(10_000);
    await vi.waitUntil(() => app.google.faults.held === 0, { timeout: 10_000 });
    expect(app.clock.sleeping).toBe(0);
  });
});

describe("an account whose refreshes fail in all of its sessions", () => {
  it.each([
    ["400 and an error that nobody knows", { kind: "oauth-error", error: "account_strange" }],
    ["503", { kind: "status", status: 503 }],
  ] as const)("FE-13 (%s): nobody else rests for it", async (_, fault) => {
    const { app } = world;
    const sessions: Visitor[] = [];
    while (sessions.length < MANY) sessions.push(await world.signedIn());
    const [other] = await people(1);
    if (!other) throw new Error();
    await app.clock.advance(UNTIL_EXPIRED);
    // Whatever went before is over when one refresh has succeeded.
    await world.inTime(other.get("/dashboard"));
    await app.clock.advance(UNTIL_EXPIRED);
    app.google.faults.set("token", fault);
    await load(sessions, "/dashboard");
    app.google.faults.clear();
    const page = (await world.inTime(other.get("/dashboard"))).answer;
    expect(await page.text()).not.toContain(GAP);
  });
});

describe("Google’s Retry-After", () => {
  it("PF-03 TR-13 is kept between the attempts of one refresh", async () => {
    const visitor = await world.signedIn();
    await world.app.clock.advance(UNTIL_EXPIRED);
    // After an outage nothing is tried twice before one refresh has succeeded.
    await visitor.get("/dashboard");
    await world.app.clock.advance(UNTIL_EXPIRED);
    world.app.google.calls.clear();
    world.app.google.faults.set("token", {
      kind: "status",
      status: 429,
      headers: { "Retry-After": "2" },
    });
    await world.inTime(visitor.get("/dashboard"));
    const [first = 0, second = 0, third = 0] = askedAt();
    expect(second - first).toBeGreaterThanOrEqual(2000);
    expect(third - second).toBeGreaterThanOrEqual(2000);
    expect(askedAt()).toHaveLength(3);
  });

  it.each([
    ["a live", UNTIL_DUE],
    ["an ended", UNTIL_EXPIRED],
  ])("PF-03 TR-13 is kept between refreshes of a session with %s token", async (_, age) => {
    const visitor = await world.signedIn();
    await world.app.clock.advance(age);
    const begunAt = world.app.clock.now();
    world.app.google.faults.set("token", {
      kind: "status",
      status: 503,
      headers: { "Retry-After": "120" },
    });
    for (let load = 0; load < 13; load++) {
      await world.inTime(visitor.get("/api/session"));
      await world.pass(10_000);
    }
    expect(askedAt()).toEqual([begunAt, begunAt + 120_000]);
  });
});

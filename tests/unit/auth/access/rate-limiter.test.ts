import { beforeEach, describe, expect, it } from "vitest";
import { createRateLimiter } from "../../../../app/auth/access/rate-limiter.server";
import type { RateLimits } from "../../../../app/store/rate-limits.server";
import { createTestClock, type TestClock } from "../../../support/test-clock";

type SharedAnswer = Awaited<ReturnType<RateLimits["takeFromShared"]>>;

const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const ADDRESS = "203.0.113.7";

let clock: TestClock;
let keys: string[];
beforeEach(() => {
  clock = createTestClock();
  keys = [];
});

/** A limiter of five sign-ins a minute whose database answers so. */
function limiter(
  answer: (now: number) => SharedAnswer | Promise<SharedAnswer>,
  { isShared = true, secret = SECRET } = {},
) {
  const store = {
    isShared,
    takeFromShared: async ({ key, now }: { key: string; now: number }) => {
      keys.push(key);
      return answer(now);
    },
  };
  const settings = { signInRatePerMinute: 5, sessionSecrets: [secret] as const };
  const limits = createRateLimiter({ store, settings, clock });
  return {
    ...limits,
    start: async (address = ADDRESS) => (await limits.take("sign_in_start", address)).kind,
  };
}

const taken = (now: number): SharedAnswer => ({ kind: "taken", fullAt: now });
const exhausted = (now: number): SharedAnswer => ({
  kind: "exhausted",
  fullAt: now + 60_000,
  waitMs: 12_000,
});

describe("the limiter of one process", () => {
  it("SF-30 asks no database where it is alone", async () => {
    const { start } = limiter(taken, { isShared: false });
    for (let attempt = 0; attempt < 5; attempt++) expect(await start()).toBe("allowed");
    expect(await start()).toBe("limited");
    expect(keys).toEqual([]);
  });

  it("SF-30 tells the database no address, not even so that it could be found by trying all", async () => {
    const { start, take } = limiter(taken);
    await start();
    await start();
    await take("sign_in_callback", ADDRESS);
    await start("203.0.113.8");
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
    const other = limiter(taken, { secret: SECRET.toLowerCase() });
    await other.start();
    expect(new Set(keys).size).toBe(4);
  });

  it("SF-30 keeps a flood to itself", async () => {
    const { start } = limiter(taken);
    for (let attempt = 0; attempt < 100; attempt++) await start();
    expect(keys).toHaveLength(5);
  });

  it("SF-30 refuses what all processes together have used up, and remembers that", async () => {
    const { start, take } = limiter(exhausted);
    const refusal = { kind: "limited", waitMs: 12_000 };
    expect(await take("sign_in_start", ADDRESS)).toEqual(refusal);
    for (let attempt = 0; attempt < 10; attempt++) expect(await start()).toBe("limited");
    expect(keys).toHaveLength(1);
    await clock.advance(12_000);
    await start();
    expect(keys).toHaveLength(2);
  });

  it("SF-30 counts alone while the database is away", async () => {
    const { start } = limiter(() => ({ kind: "unavailable" }));
    for (let attempt = 0; attempt < 5; attempt++) expect(await start()).toBe("allowed");
    expect(await start()).toBe("limited");
  });

  it("SF-30 waits two seconds for a slow database, and listens to what it says later", async () => {
    let answer = (_: SharedAnswer) => {};
    const { start } = limiter(() => new Promise((resolve) => (answer = resolve)));
    const slow = start();
    await clock.advance(1999);
    expect(clock.sleeping).toBe(1);
    await clock.advance(1);
    expect(await slow).toBe("allowed");
    answer(exhausted(clock.now()));
    await clock.advance(0);
    expect(await start()).toBe("limited");
  });

  it("leaves no timer behind", async () => {
    await limiter(taken).start();
    expect(clock.sleeping).toBe(0);
  });
});

describe("a limit on failures", () => {
  const attempt = (limits: ReturnType<typeof limiter>, fails: boolean) =>
    limits.countFailures(
      "refused_token",
      ADDRESS,
      async () => fails,
      (failed) => failed,
    );

  it("counts nothing that went well, and tells the database of failures only", async () => {
    const limits = limiter(taken);
    for (let times = 0; times < 500; times++) {
      expect(await attempt(limits, false)).toEqual({ kind: "allowed", result: false });
    }
    expect(keys).toEqual([]);
    for (let times = 0; times < 60; times++) {
      expect(await attempt(limits, true)).toEqual({ kind: "allowed", result: true });
    }
    expect(await attempt(limits, true)).toEqual({ kind: "limited", waitMs: 1000 });
    expect(keys).toHaveLength(60);
  });

  it("counts many at once before any of them has failed", async () => {
    const limits = limiter(taken);
    const all = await Promise.all(Array.from({ length: 200 }, () => attempt(limits, true)));
    expect(all.filter(({ kind }) => kind === "allowed")).toHaveLength(60);
  });

  it("refuses when other processes have seen too many", async () => {
    const limits = limiter(exhausted);
    expect(await attempt(limits, true)).toMatchObject({ kind: "allowed" });
    expect(await attempt(limits, true)).toMatchObject({ kind: "limited" });
  });
});

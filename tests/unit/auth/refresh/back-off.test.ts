import { describe, expect, it } from "vitest";
import { type BackOff, nextBackOff, pauseLeft } from "../../../../app/auth/refresh/back-off.server";

const NOW = 1_700_000_000_000;

/** The pauses after failures in a row, in ms. */
function pauses(count: number, failure: { live: boolean; random: number }): number[] {
  let backOff: BackOff | undefined;
  return Array.from({ length: count }, () => {
    backOff = nextBackOff(backOff, { now: NOW, retryAfterMs: null, ...failure });
    return backOff.until - NOW;
  });
}

describe("nextBackOff", () => {
  it("TR-07 waits ten seconds, doubling to a minute, while the old token lives", () => {
    expect(pauses(6, { live: true, random: 1 })).toEqual([
      10_000, 20_000, 40_000, 60_000, 60_000, 60_000,
    ]);
  });

  it("TR-08 tries at once, then after 1, 2, 4 … seconds, when somebody may be waiting", () => {
    expect(pauses(9, { live: false, random: 1 })).toEqual([
      0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000,
    ]);
  });

  it("PF-18 leaves half of each pause to chance", () => {
    expect(pauses(3, { live: true, random: 0 })).toEqual([5000, 10_000, 20_000]);
    expect(pauses(3, { live: true, random: 0.5 })).toEqual([7500, 15_000, 30_000]);
  });

  it("counts the failures in a row", () => {
    const failure = { now: NOW, live: true, retryAfterMs: null, random: 0 };
    const first = nextBackOff(undefined, failure);
    expect([first.failures, nextBackOff(first, failure).failures]).toEqual([1, 2]);
  });

  it.each([
    [30_000, 30_000],
    [1, 10_000],
    [300_000, 300_000],
    [86_400_000, 300_000],
  ])("TR-13 with Retry-After of %i ms waits %i ms", (retryAfterMs, pause) => {
    const { until } = nextBackOff(undefined, { now: NOW, live: true, retryAfterMs, random: 1 });
    expect(until - NOW).toBe(pause);
  });

  it("stays finite however often it failed", () => {
    const failure = { now: NOW, live: false, retryAfterMs: null, random: 0.5 };
    const { until } = nextBackOff({ failures: 100_000, until: NOW }, failure);
    expect(until - NOW).toBe(45_000);
  });
});

describe("pauseLeft", () => {
  const backOff = nextBackOff(undefined, { now: NOW, live: true, retryAfterMs: null, random: 1 });

  it.each([
    [0, 10_000],
    [9999, 1],
    [10_000, 0],
    [60_000, 0],
  ])("after %i ms is %i ms", (passed, left) => {
    expect(pauseLeft(backOff, NOW + passed)).toBe(left);
  });

  it("is nothing where nothing failed", () => {
    expect(pauseLeft(undefined, NOW)).toBe(0);
  });

  it("PF-17 is nothing, rather than a day, when the clock was set back by a day", () => {
    expect(pauseLeft(backOff, NOW - 86_400_000)).toBe(0);
  });
});

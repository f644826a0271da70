import { describe, expect, it } from "vitest";
import { createCircuitBreaker } from "../../../app/auth/circuit-breaker.server";

const NOW = 1_700_000_000_000;

/** The last of them at `NOW`, each after the pause that the one before it brought. */
function failing(times: number, random = 1) {
  const breaker = createCircuitBreaker();
  for (let left = times - 1; left >= 0; left--) {
    const now = NOW - left * 60_000;
    breaker.failed({ startedAt: now, now, random });
  }
  return breaker;
}

describe("createCircuitBreaker", () => {
  it("PF-18 lets everything through until ten have failed in a row", () => {
    expect([failing(9).open, failing(9).waitMs(NOW)]).toEqual([false, 0]);
    expect([failing(10).open, failing(10).waitMs(NOW)]).toEqual([true, 5000]);
  });

  it("PF-18 forgets failures when one has succeeded", () => {
    const breaker = failing(9);
    breaker.succeeded();
    breaker.failed({ startedAt: NOW, now: NOW, random: 1 });
    expect(breaker.open).toBe(false);
  });

  it("PF-18 lets a single call try after the pause, and the others wait for it", () => {
    const breaker = failing(10);
    expect(breaker.waitMs(NOW + 4999)).toBe(1);
    expect(breaker.waitMs(NOW + 5000)).toBe(0);
    expect(breaker.waitMs(NOW + 5000)).toBe(5000);
  });

  it("PF-18 tries again when nothing was heard of the call that tried", () => {
    const breaker = failing(10);
    expect(breaker.waitMs(NOW + 5000)).toBe(0);
    expect(breaker.waitMs(NOW + 10_000)).toBe(0);
  });

  it("PF-18 closes when the call succeeded", () => {
    const breaker = failing(10);
    breaker.waitMs(NOW + 5000);
    breaker.succeeded();
    expect([breaker.open, breaker.waitMs(NOW + 5000)]).toEqual([false, 0]);
  });

  it("PF-18 waits longer when it failed too, up to 30 s", () => {
    expect([10, 11, 12, 13, 14, 1000].map((times) => failing(times).waitMs(NOW))).toEqual([
      5000, 10_000, 20_000, 30_000, 30_000, 30_000,
    ]);
  });

  it("PF-18 counts a burst of calls that fail together once", () => {
    const breaker = createCircuitBreaker();
    for (let call = 0; call < 100; call++) {
      breaker.failed({ startedAt: NOW, now: NOW + call, random: 1 });
    }
    expect(breaker.waitMs(NOW + 100)).toBe(5000 + 9 - 100);
  });

  it("PF-18 leaves half of the pause to chance", () => {
    expect([0, 0.5].map((random) => failing(10, random).waitMs(NOW))).toEqual([2500, 3750]);
  });

  it("PF-17 tries at once, rather than in a day, when the clock was set back by a day", () => {
    expect(failing(10).waitMs(NOW - 86_400_000)).toBe(0);
  });
});

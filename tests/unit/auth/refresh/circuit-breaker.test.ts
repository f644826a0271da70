import { describe, expect, it } from "vitest";
import {
  type CircuitBreaker,
  createCircuitBreaker,
} from "../../../../app/auth/refresh/circuit-breaker.server";

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const people = (count: number) => Array.from({ length: count }, (_, index) => `person-${index}`);

/** Each at another moment, the last of them at `NOW`. */
function fail(breaker: CircuitBreaker, whose: readonly string[], random = 1): void {
  whose.forEach((who, index) => {
    const now = NOW - (whose.length - 1 - index) * MINUTE;
    breaker.failed({ who, startedAt: now, now, random });
  });
}

function failing(whose: readonly string[], random = 1) {
  const breaker = createCircuitBreaker();
  fail(breaker, whose, random);
  return breaker;
}

describe("createCircuitBreaker", () => {
  it("PF-18 lets everything through until calls of ten people have failed in a row", () => {
    const [nine, ten] = [failing(people(9)), failing(people(10))];
    expect([nine.open, nine.waitMs("anybody", NOW)]).toEqual([false, 0]);
    expect([ten.open, ten.waitMs("anybody", NOW)]).toEqual([true, 5000]);
  });

  it("FE-13 isn’t opened by one person, however often their calls fail", () => {
    const breaker = failing([...people(9), ...Array(100).fill("person-0")]);
    expect([breaker.open, breaker.waitMs("anybody", NOW)]).toEqual([false, 0]);
  });

  it("PF-18 forgets failures when one has succeeded", () => {
    const breaker = failing(people(9));
    breaker.succeeded();
    fail(breaker, ["person-9"]);
    expect(breaker.open).toBe(false);
  });

  it("PF-18 lets a single call try after the pause, and the others wait for it", () => {
    const breaker = failing(people(10));
    expect(breaker.waitMs("a", NOW + 4999)).toBe(1);
    expect(breaker.waitMs("a", NOW + 5000)).toBe(0);
    expect(breaker.waitMs("b", NOW + 5000)).toBe(5000);
  });

  it("PF-18 tries again when nothing was heard of the call that tried", () => {
    const breaker = failing(people(10));
    expect(breaker.waitMs("a", NOW + 5000)).toBe(0);
    expect(breaker.waitMs("b", NOW + 10_000)).toBe(0);
  });

  it("FE-13 lets others try before somebody who has tried in vain, and those again when nobody else comes", () => {
    const breaker = failing(people(10));
    expect(breaker.waitMs("bad", NOW + 5000)).toBe(0);
    // Their call said nothing, or failed: the same for the others.
    expect(breaker.waitMs("bad", NOW + 10_000)).toBe(30_000);
    expect(breaker.waitMs("worse", NOW + 10_000)).toBe(0);
    expect(breaker.waitMs("bad", NOW + 15_000)).toBe(30_000);
    expect(breaker.waitMs("worse", NOW + 15_000)).toBe(30_000);
    expect(breaker.waitMs("good", NOW + 15_000)).toBe(0);
    expect(breaker.waitMs("bad", NOW + 15_000 + 34_999)).toBe(1);
    expect(breaker.waitMs("bad", NOW + 15_000 + 35_000)).toBe(0);
  });

  it("PF-18 closes when the call succeeded", () => {
    const breaker = failing(people(10));
    breaker.waitMs("a", NOW + 5000);
    breaker.succeeded();
    expect([breaker.open, breaker.waitMs("a", NOW + 5000)]).toEqual([false, 0]);
  });

  it("PF-18 waits longer when it failed too, whosever it was, up to 30 s", () => {
    const again = [0, 1, 2, 3, 4, 1000].map((times) =>
      failing([...people(10), ...Array(times).fill("person-0")]).waitMs("anybody", NOW),
    );
    expect(again).toEqual([5000, 10_000, 20_000, 30_000, 30_000, 30_000]);
  });

  it("PF-18 counts a burst of calls that fail together once", () => {
    const breaker = createCircuitBreaker();
    people(100).forEach((who, call) => {
      breaker.failed({ who, startedAt: NOW, now: NOW + call, random: 1 });
    });
    expect(breaker.waitMs("anybody", NOW + 100)).toBe(5000 + 9 - 100);
  });

  it("PF-18 leaves half of the pause to chance", () => {
    const waits = [0, 0.5].map((random) => failing(people(10), random).waitMs("anybody", NOW));
    expect(waits).toEqual([2500, 3750]);
  });

  it("PF-17 tries at once, rather than in a day, when the clock was set back by a day", () => {
    expect(failing(people(10)).waitMs("anybody", NOW - 86_400_000)).toBe(0);
  });
});

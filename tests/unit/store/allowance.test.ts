import { describe, expect, it } from "vitest";
import { perMinute, takeOne } from "../../../app/store/allowance.server";

/** How many of `tries` at these moments go ahead. */
function allowed(count: number, moments: readonly number[]): number {
  let fullAt: number | undefined;
  return moments.filter((now) => {
    const taken = takeOne(fullAt, perMinute(count), now);
    fullAt = taken.fullAt;
    return taken.kind === "taken";
  }).length;
}

describe("an allowance", () => {
  it.each([1, 5, 7, 30, 999, 100_000])(
    "lets as many go ahead at once as a minute holds, and no more: %d",
    (count) => {
      expect(allowed(count, Array(2 * count).fill(0))).toBe(count);
    },
  );

  it("refills evenly, and never beyond a minute’s worth", () => {
    expect(allowed(5, [0, 0, 0, 0, 0, 11_999, 12_000])).toBe(6);
    expect(allowed(5, [0, ...Array(20).fill(3_600_000)])).toBe(6);
    const twoMinutes = Array.from({ length: 1200 }, (_, index) => index * 100);
    expect(allowed(60, twoMinutes)).toBe(60 + 119);
  });

  it("says how long to wait for the next one", () => {
    expect(takeOne(60_000, perMinute(30), 500)).toEqual({
      kind: "exhausted",
      fullAt: 60_000,
      waitMs: 1500,
    });
  });

  it("gives nothing for a clock that was set back, or is behind another process’s", () => {
    expect(takeOne(90_000, perMinute(5), 0)).toMatchObject({ kind: "exhausted", waitMs: 42_000 });
  });

  it("PF-17 locks nobody out for a day when the clock was set back by a day", () => {
    expect(takeOne(86_400_000, perMinute(5), 0)).toEqual({ kind: "taken", fullAt: 12_000 });
  });
});

import { describe, expect, it } from "vitest";
import { type Allowance, takeOne } from "../../../app/http/rate-limit.server";

/** How many of `tries` at these moments go ahead. */
function allowed(perMinute: number, moments: readonly number[]): number {
  let allowance: Allowance | undefined;
  return moments.filter((now) => {
    const taken = takeOne(allowance, perMinute, now);
    allowance = taken.allowance;
    return taken.waitMs === 0;
  }).length;
}

describe("an allowance", () => {
  it("lets as many go ahead at once as a minute holds, and no more", () => {
    expect(allowed(5, Array(20).fill(0))).toBe(5);
  });

  it("refills evenly, and never beyond a minute's worth", () => {
    expect(allowed(5, [0, 0, 0, 0, 0, 11_999, 12_000])).toBe(6);
    expect(allowed(5, [0, ...Array(20).fill(3_600_000)])).toBe(6);
  });

  it("says how long to wait for the next one", () => {
    const { allowance } = takeOne({ left: 0, at: 0 }, 30, 0);
    expect(takeOne(allowance, 30, 500).waitMs).toBe(1500);
  });

  it("gives nothing for a clock that was set back", () => {
    expect(takeOne({ left: 0, at: 60_000 }, 5, 0).waitMs).toBeGreaterThan(0);
  });
});

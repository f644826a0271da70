import { describe, expect, it } from "vitest";
import { accessStateOf, percentOfLife, timelineScale } from "../../../app/dashboard/timeline-scale";

const life = { renewedAt: 1000, dueAt: 4000, expiresAt: 4600 };

describe("the timeline of an access token", () => {
  it("places a moment in the token’s life", () => {
    expect(percentOfLife(1000, life)).toBe(0);
    expect(percentOfLife(2800, life)).toBe(50);
    expect(percentOfLife(4000, life)).toBe(83.33);
    expect(percentOfLife(4600, life)).toBe(100);
  });

  it("never leaves the track, whatever the clocks say", () => {
    expect(percentOfLife(-9e9, life)).toBe(0);
    expect(percentOfLife(9e9, life)).toBe(100);
    expect(percentOfLife(1000, { ...life, expiresAt: 1000 })).toBe(100);
    expect(percentOfLife(Number.NaN, { ...life, renewedAt: Number.NaN })).toBe(100);
  });

  it("has a dot for each renewal before, and then the token’s life, within the track", () => {
    for (const count of [0, 1, 4]) {
      const { dots, along } = timelineScale(count);
      expect(dots).toHaveLength(count);
      const places = [...dots, along(0), along(50), along(100)];
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      expect([along(100), (along(0) + along(100)) / 2]).toEqual([100, along(50)]);
    }
    expect(timelineScale(0).along(0)).toBe(0);
  });

  it("is fresh, then due, then expired", () => {
    expect(accessStateOf(3999, life)).toBe("fresh");
    expect(accessStateOf(4000, life)).toBe("due");
    expect(accessStateOf(4599, life)).toBe("due");
    expect(accessStateOf(4600, life)).toBe("expired");
  });
});

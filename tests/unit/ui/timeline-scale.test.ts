import { describe, expect, it } from "vitest";
import { accessStateOf, percentOfLife } from "../../../app/ui/timeline-scale";

const life = { renewedAt: 1000, dueAt: 4000, expiresAt: 4600 };

describe("the timeline of an access token", () => {
  it("places a moment in the token's life", () => {
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

  it("is fresh, then due, then expired", () => {
    expect(accessStateOf(3999, life)).toBe("fresh");
    expect(accessStateOf(4000, life)).toBe("due");
    expect(accessStateOf(4599, life)).toBe("due");
    expect(accessStateOf(4600, life)).toBe("expired");
  });
});

import { describe, expect, it } from "vitest";
import {
  formatInUtc,
  formatLocally,
  formatRelative,
  machineReadable,
} from "../../../app/ui/format-moment";

const NOW = Date.UTC(2025, 10, 23, 15, 7, 42);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a moment in UTC", () => {
  it("reads the same on every machine", () => {
    expect(formatInUtc(NOW, "date", NOW)).toBe("23 November 2025");
    expect(formatInUtc(NOW, "time", NOW)).toBe("15:07 UTC");
    expect(formatInUtc(NOW, "date-time", NOW)).toBe("23 November 2025, 15:07 UTC");
  });

  it("keeps two digits just after midnight on the first day of a year", () => {
    const at = Date.UTC(2026, 0, 1, 0, 5);
    expect(formatInUtc(at, "date-time", NOW)).toBe("1 January 2026, 00:05 UTC");
  });

  it("says when a number is no moment, and gives machines none", () => {
    expect(formatInUtc(Number.NaN, "date", NOW)).toBe("at an unknown time");
    expect(formatLocally(8.64e15 + 1, "date-time", NOW)).toBe("at an unknown time");
    expect(formatRelative(Number.POSITIVE_INFINITY, NOW)).toBe("at an unknown time");
    expect(machineReadable(Number.NaN)).toBeUndefined();
    expect(machineReadable(NOW)).toBe("2025-11-23T15:07:42.000Z");
  });
});

describe("a moment where the person is", () => {
  it("follows their zone, over midnight too", () => {
    const place = { locale: "en-GB", timeZone: "Asia/Tokyo" };
    expect(formatLocally(NOW, "date", NOW, place)).toBe("24 November 2025");
    expect(formatLocally(NOW, "time", NOW, place)).toBe("00:07");
  });

  it("follows their locale", () => {
    const place = { locale: "de-DE", timeZone: "Europe/Berlin" };
    expect(formatLocally(NOW, "date", NOW, place)).toBe("23. November 2025");
    expect(formatLocally(NOW, "time", NOW, place)).toBe("16:07");
  });

  it("says a distance as the server says it", () => {
    expect(formatLocally(NOW + 25 * MINUTE, "relative", NOW)).toBe("in 25 minutes");
    expect(formatInUtc(NOW + 25 * MINUTE, "relative", NOW)).toBe("in 25 minutes");
  });
});

describe("a distance from now", () => {
  it.each([
    [0, "just now"],
    [-44_000, "just now"],
    [44_000, "in a few seconds"],
    [-45_000, "1 minute ago"],
    [-3 * MINUTE, "3 minutes ago"],
    [25 * MINUTE, "in 25 minutes"],
    [59 * MINUTE + 29_000, "in 59 minutes"],
    [59 * MINUTE + 31_000, "in 1 hour"],
    [-2 * HOUR, "2 hours ago"],
    [23 * HOUR + 40 * MINUTE, "in 1 day"],
    [30 * DAY, "in 30 days"],
    [59 * DAY, "in 59 days"],
    [-180 * DAY, "6 months ago"],
    [3 * 365.25 * DAY, "in 3 years"],
  ])("of %i ms reads %s", (distance, words) => {
    expect(formatRelative(NOW + distance, NOW)).toBe(words);
  });
});

import { describe, expect, it } from "vitest";
import { decideConfirmation } from "../../../../app/auth/ending/decide-confirmation";

const NOW = Date.UTC(2026, 0, 15, 12);
const HOUR = 3_600_000;

describe("whether what concerns all devices may be done now", () => {
  it.each([
    ["just now", 0, null, "confirmed"],
    ["a moment less than an hour ago", HOUR - 1, null, "confirmed"],
    ["an hour ago", HOUR, null, "needed"],
    ["ahead of this machine’s clock", -60_000, null, "confirmed"],
    ["by a clock that was far ahead", -HOUR, null, "needed"],
    ["since Google asked for a confirmation", 1000, 1000, "confirmed"],
    ["before Google asked for a confirmation", 1001, 1000, "needed"],
  ] as const)("SF-29 signed in %s", (_, age, askedAgo, decision) => {
    const stepUpRequiredAt = askedAgo === null ? null : NOW - askedAgo;
    expect(decideConfirmation({ startedAt: NOW - age }, stepUpRequiredAt, NOW)).toBe(decision);
  });
});

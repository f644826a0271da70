import { describe, expect, it } from "vitest";
import {
  decideRefresh,
  dueAt,
  REFRESH_WINDOW_MS,
} from "../../../../app/auth/refresh/decide-refresh.server";
import { aSession } from "../../../support/session-fixture";

const SECOND = 1000;
const ISSUED = 1_700_000_000_000;

/** Tokens with this many seconds to live in all. */
function tokensFor(seconds: number) {
  return { ...aSession().tokens, issuedAt: ISSUED, expiresAt: ISSUED + seconds * SECOND };
}

/** What a token is worth with this many seconds left of its hour, or of another life. */
function decideWith(secondsLeft: number, life = 3600) {
  const tokens = tokensFor(life);
  return decideRefresh(tokens, tokens.expiresAt - secondsLeft * SECOND);
}

describe("decideRefresh", () => {
  it.each([
    [3600, "fresh"],
    [601, "fresh"],
    [600.001, "fresh"],
    [600, "due"],
    [599, "due"],
    [1, "due"],
    [0.001, "due"],
    [0, "expired"],
    [-1, "expired"],
    [-86_400, "expired"],
  ])("TR-01 with %d s left a token is %s", (secondsLeft, freshness) => {
    expect(decideWith(secondsLeft)).toBe(freshness);
  });

  it.each([
    [1200, 601, "fresh"],
    [1200, 600, "due"],
    [1199, 599.6, "fresh"],
    [1199, 599.5, "due"],
    [600, 600, "fresh"],
    [600, 301, "fresh"],
    [600, 300, "due"],
    [300, 151, "fresh"],
    [300, 150, "due"],
    [300, 0, "expired"],
    [1, 0.6, "fresh"],
    [1, 0.5, "due"],
  ])("TR-14 of %d s of life, with %d s left, a token is %s", (life, secondsLeft, freshness) => {
    expect(decideWith(secondsLeft, life)).toBe(freshness);
  });

  it("TR-14 asks once or twice for ten loads in a life of 300 s, not each time", () => {
    let tokens = tokensFor(300);
    let refreshes = 0;
    for (let load = 1; load <= 10; load++) {
      const now = ISSUED + load * 30 * SECOND;
      if (decideRefresh(tokens, now) === "fresh") continue;
      refreshes += 1;
      tokens = { ...tokens, issuedAt: now, expiresAt: now + 300 * SECOND };
    }
    expect(refreshes).toBe(2);
  });

  it.each([
    [1, "fresh"],
    [300, "fresh"],
    [300.001, "due"],
    [86_400, "due"],
  ])("PF-17 when the clock is set back %d s before the issue, a token is %s", (back, freshness) => {
    expect(decideRefresh(tokensFor(3600), ISSUED - back * SECOND)).toBe(freshness);
  });

  it("PF-17 doesn’t ask again and again after the clock was set back", () => {
    const now = ISSUED - 86_400 * SECOND;
    expect(decideRefresh(tokensFor(3600), now)).toBe("due");
    const renewed = { ...tokensFor(3600), issuedAt: now, expiresAt: now + 3600 * SECOND };
    expect(decideRefresh(renewed, now)).toBe("fresh");
  });
});

describe("dueAt", () => {
  it("TR-01 is ten minutes before the end", () => {
    expect(REFRESH_WINDOW_MS).toBe(600 * SECOND);
    expect(dueAt(tokensFor(3600))).toBe(ISSUED + 3000 * SECOND);
  });

  it("TR-14 is at half of a short life", () => {
    expect(dueAt(tokensFor(300))).toBe(ISSUED + 150 * SECOND);
  });
});

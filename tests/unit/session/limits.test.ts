import { describe, expect, it } from "vitest";
import {
  absoluteEnd,
  limitReached,
  sessionEnd,
  TOUCH_STEP_MS,
  touch,
} from "../../../app/session/limits.server";
import type { Session } from "../../../app/session/session.server";
import { aSession } from "../../support/session-fixture";

const DAY = 86_400_000;
const LIMITS = { idleMs: 30 * DAY, absoluteMs: 180 * DAY };
const START = 1_700_000_000_000;

function begun(overrides: Partial<Session> = {}): Session {
  return aSession({ startedAt: START, lastSeenAt: START, ...overrides });
}

/** The session whose grant Google limits in time. */
function withGrantUntil(refreshExpiresAt: number): Session {
  const session = begun();
  return { ...session, tokens: { ...session.tokens, refreshExpiresAt } };
}

describe("limitReached", () => {
  it.each([
    ["a moment before the idle limit", 30 * DAY - 1, null],
    ["at the idle limit", 30 * DAY, "idle"],
    ["after it", 31 * DAY, "idle"],
    ["when both are over", 181 * DAY, "absolute"],
    ["after the clock was set back", -DAY, null],
  ])("SC-08 judges a session %s", (_when, elapsed, limit) => {
    expect(limitReached(begun(), LIMITS, START + elapsed)).toBe(limit);
  });

  it("SC-08 ends a session that is used every day at its absolute limit", () => {
    const used = begun({ lastSeenAt: START + 180 * DAY - 1 });
    expect(limitReached(used, LIMITS, START + 180 * DAY - 1)).toBeNull();
    expect(limitReached(used, LIMITS, START + 180 * DAY)).toBe("absolute");
  });

  it("TR-17 ends a session when Google’s grant ends, if that is earlier", () => {
    const session = withGrantUntil(START + 7 * DAY);
    expect(limitReached(session, LIMITS, START + 7 * DAY - 1)).toBeNull();
    expect(limitReached(session, LIMITS, START + 7 * DAY)).toBe("absolute");
  });
});

describe("absoluteEnd", () => {
  it("SC-10 follows from the session’s start alone", () => {
    const used = begun({ lastSeenAt: START + 100 * DAY, generation: 2400 });
    expect(absoluteEnd(used, LIMITS)).toBe(START + 180 * DAY);
  });

  it("TR-17 is never later because Google’s grant lasts longer", () => {
    expect(absoluteEnd(withGrantUntil(START + 400 * DAY), LIMITS)).toBe(START + 180 * DAY);
  });
});

describe("sessionEnd", () => {
  it("is the idle limit, at most the absolute one", () => {
    expect(sessionEnd(begun(), LIMITS)).toBe(START + 30 * DAY);
    const late = begun({ lastSeenAt: START + 170 * DAY });
    expect(sessionEnd(late, LIMITS)).toBe(START + 180 * DAY);
  });
});

describe("touch", () => {
  it("SC-20 notes use once in five minutes", () => {
    const session = begun();
    expect(touch(session, LIMITS, START + TOUCH_STEP_MS - 1)).toBe(session);
    expect(touch(session, LIMITS, START + TOUCH_STEP_MS)).toEqual(
      begun({ lastSeenAt: START + TOUCH_STEP_MS }),
    );
    expect(TOUCH_STEP_MS).toBe(300_000);
  });

  it("SC-20 goes in finer steps where the idle limit is short, so that use always counts", () => {
    const limits = { ...LIMITS, idleMs: 60_000 };
    const session = begun();
    expect(touch(session, limits, START + 29_999)).toBe(session);
    expect(touch(session, limits, START + 30_000).lastSeenAt).toBe(START + 30_000);
  });

  it("PF-17 never moves the idle limit back when the clock is", () => {
    const session = begun();
    expect(touch(session, LIMITS, START - DAY)).toBe(session);
  });
});

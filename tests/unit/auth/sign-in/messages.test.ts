import { describe, expect, it } from "vitest";
import {
  consentMessage,
  END_MESSAGES,
  SIGN_IN_MESSAGES,
} from "../../../../app/auth/sign-in/messages";
import { SIGN_IN_ERRORS } from "../../../../app/auth/sign-in/sign-in-error";
import { END_REASONS, isEndReason } from "../../../../app/session/end-reason";

const ALL = [
  ...SIGN_IN_ERRORS.map((code) => ({ code, ...SIGN_IN_MESSAGES[code] })),
  ...END_REASONS.map((code) => ({ code, ...END_MESSAGES[code] })),
];

describe("messages", () => {
  it("SF-13 UX-05 there is one for every code, in whole sentences", () => {
    expect(ALL).toHaveLength(23);
    for (const { code, title, message } of ALL) {
      expect(title, code).toMatch(/^[A-Z].*[^.]$/);
      expect(message, code).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("SF-13 no two are alike", () => {
    expect(new Set(ALL.map(({ title, message }) => title + message)).size).toBe(ALL.length);
    expect(new Set(ALL.map(({ message }) => message)).size).toBe(ALL.length);
  });

  it("UX-05 none shows a code", () => {
    for (const { title, message } of ALL) expect(title + message).not.toMatch(/_|\b[45]\d\d\b/);
  });
});

describe("what somebody reads who is signed in, and was asked for more", () => {
  it.each(SIGN_IN_ERRORS)(
    "SF-13 says that nothing was changed, in whole sentences: %s",
    (error) => {
      const { title, message } = consentMessage(error);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(message).toMatch(/^Nothing was changed.*\.$/);
    },
  );
});

describe("isEndReason", () => {
  it("knows every reason, and nothing else", () => {
    expect(END_REASONS.every(isEndReason)).toBe(true);
    expect(["", "expired", "toString", null, undefined, 1].filter(isEndReason)).toEqual([]);
  });
});

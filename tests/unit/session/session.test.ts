import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSession,
  encodeSession,
  isNewer,
  renewalsOf,
  type Session,
} from "../../../app/session/session.server";
import { aSession } from "../../support/session-fixture";

/** What stands in a cookie, as an object to change. */
function payload(): Record<string, unknown> {
  return JSON.parse(encodeSession(aSession()));
}

function decode(changed: Record<string, unknown>): Session | null {
  return decodeSession(JSON.stringify(changed));
}

describe("encodeSession", () => {
  it("SC-15 writes only what is used", () => {
    expect(Object.keys(payload()).sort()).toEqual(
      "at exp gen iat id iss mail name pic rt rtx scp seen sub t0 v".split(" ").sort(),
    );
  });

  it("remembers when the tokens before were issued, where there were any", () => {
    const { tokens } = aSession();
    const session = aSession({ tokens: { ...tokens, issuedBefore: [1, 2] } });
    expect(JSON.parse(encodeSession(session))).toMatchObject({ was: [1, 2] });
    expect(decodeSession(encodeSession(session))).toEqual(session);
  });

  it("SC-15 leaves out what somebody added to the session", () => {
    const session = { ...aSession(), idToken: "eyJ…", profile: { locale: "en" } };
    expect(encodeSession(session)).toBe(encodeSession(aSession()));
  });

  it("is read back as it was", () => {
    const texts = fc.string({ minLength: 1, maxLength: 255 });
    const time = fc.nat();
    const sessions: fc.Arbitrary<Session> = fc.record({
      id: fc.string({ minLength: 22, maxLength: 22 }),
      generation: fc.nat(),
      user: fc.record({
        issuer: texts,
        id: texts,
        name: fc.string({ unit: "grapheme" }),
        email: fc.string(),
        picture: fc.option(texts),
        hostedDomain: fc.option(texts),
      }),
      tokens: fc.record({
        accessToken: texts,
        issuedAt: time,
        issuedBefore: fc.array(time),
        expiresAt: time,
        refreshToken: texts,
        refreshExpiresAt: fc.option(time),
        scopes: fc.array(fc.string()),
      }),
      startedAt: time,
      lastSeenAt: time,
    });
    fc.assert(
      fc.property(sessions, (session) => {
        expect(decodeSession(encodeSession(session))).toEqual(session);
      }),
    );
  });
});

describe("renewalsOf", () => {
  const session = (generation: number, issuedBefore: number[], issuedAt: number) =>
    aSession({ generation, tokens: { ...aSession().tokens, issuedBefore, issuedAt } });

  it("tells when the tokens were renewed: none at first, then each time, then the last few", () => {
    expect(renewalsOf(session(0, [], 1))).toEqual([]);
    expect(renewalsOf(session(2, [1, 2], 3))).toEqual([2, 3]);
    expect(renewalsOf(session(9, [6, 7], 8))).toEqual([6, 7, 8]);
  });

  it("tells of the last one alone where more isn’t known", () => {
    expect(renewalsOf(session(3, [], 8))).toEqual([8]);
  });
});

describe("decodeSession", () => {
  it("SC-16 refuses every other version, and none", () => {
    expect(decode(payload())).not.toBeNull();
    for (const v of [0, 2, "1", null, undefined]) expect(decode({ ...payload(), v })).toBeNull();
  });

  it("MP-06 SC-15 SC-16 leaves out a key that only a newer release knows", () => {
    expect(decode({ ...payload(), admin: true })).toStrictEqual(aSession());
    const odd = encodeSession(aSession()).replace("{", '{"__proto__":{"admin":true},');
    const decoded = decodeSession(odd);
    expect(decoded).toStrictEqual(aSession());
    expect(decoded && "admin" in decoded).toBe(false);
  });

  it.each(Object.keys(payload()))("SC-16 refuses a payload without %s", (key) => {
    const { [key]: _left, ...rest } = payload();
    expect(decode(rest)).toBeNull();
  });

  it.each([
    ["id", "short"],
    ["gen", -1],
    ["gen", 1.5],
    ["iss", ""],
    ["sub", ""],
    ["sub", "s".repeat(256)],
    ["at", ""],
    ["at", null],
    ["rt", ""],
    ["exp", "1768482000000"],
    ["exp", -1],
    ["exp", 1e300],
    ["iat", null],
    ["rtx", "never"],
    ["scp", "openid"],
    ["scp", [1]],
    ["t0", null],
    ["seen", true],
  ])("SC-16 refuses %s = %j", (key, value) => {
    expect(decode({ ...payload(), [key]: value })).toBeNull();
  });

  it.each(["", "{", "null", "1", "[]", '"text"', "\u0000"])(
    "SC-16 refuses %j without throwing",
    (text) => {
      expect(decodeSession(text)).toBeNull();
    },
  );
});

describe("isNewer", () => {
  it.each([
    ["a higher generation", { generation: 6 }, true],
    ["the same", { generation: 5 }, false],
    ["a lower one", { generation: 4 }, false],
    ["a higher one of another session", { generation: 6, id: "B".repeat(22) }, false],
  ])("judges %s", (_what, overrides, newer) => {
    expect(isNewer(aSession(overrides), aSession({ generation: 5 }))).toBe(newer);
  });
});

import { describe, expect, it } from "vitest";
import { applySecurityEvent } from "../../../../app/auth/ending/apply-security-event.server";
import { decideSecurityEvent } from "../../../../app/auth/ending/decide-security-event.server";
import { hashPerson } from "../../../../app/config/id-hash.server";
import { createEndedSessions } from "../../../../app/session/ended-sessions.server";
import { createPseudonyms } from "../../../../app/session/pseudonyms.server";
import { refreshTokenIds } from "../../../../app/store/refresh-token-ids.server";
import { aSession } from "../../../support/session-fixture";
import { createTestClock } from "../../../support/test-clock";
import { createTestLog } from "../../../support/test-log";

const RISC = "https://schemas.openid.net/secevent/risc/event-type/";
const OAUTH = "https://schemas.openid.net/secevent/oauth/event-type/";
const ISSUER = "https://accounts.google.com";
const ADA = { issuer: ISSUER, sub: "ada" };
const SUBJECT = { subject_type: "iss-sub", iss: `${ISSUER}/`, sub: "ada" };
const TOKEN = "1//refresh-token-of-ada";
const NOON = Date.UTC(2026, 0, 15, 12);

const tokenSubject = (algorithm: unknown, token: unknown) => ({
  subject: {
    subject_type: "oauth_token",
    token_type: "refresh_token",
    token_identifier_alg: algorithm,
    token,
  },
});

describe("decideSecurityEvent", () => {
  it.each<[string, Record<string, unknown>, string]>([
    [`${RISC}sessions-revoked`, {}, "end_sessions"],
    [`${OAUTH}tokens-revoked`, {}, "end_sessions"],
    [`${RISC}account-disabled`, { reason: "hijacking" }, "end_sessions"],
    [`${RISC}account-disabled`, { reason: "bulk-account" }, "block_sign_in"],
    [`${RISC}account-disabled`, {}, "block_sign_in"],
    [`${RISC}account-disabled`, { reason: null }, "block_sign_in"],
    [`${RISC}account-enabled`, {}, "allow_sign_in"],
    [`${RISC}account-credential-change-required`, {}, "require_step_up"],
  ])("SO-20 answers %s %j with %s", (type, more, kind) => {
    const payload = { subject: SUBJECT, ...more };
    expect(decideSecurityEvent(type, payload, ISSUER)).toEqual({ kind, who: ADA });
  });

  it("SO-20 SO-22 answers token-revoked by forgetting the token that it names in either way", () => {
    const type = `${OAUTH}token-revoked`;
    const { hash, prefixHash } = refreshTokenIds(TOKEN);
    const byHash = tokenSubject("hash_base64_sha512_sha512", hash);
    const byPrefix = tokenSubject("prefix", TOKEN.slice(0, 16));
    expect(decideSecurityEvent(type, byHash, ISSUER)).toEqual({
      kind: "forget_refresh_token",
      token: { hash },
    });
    expect(decideSecurityEvent(type, byPrefix, ISSUER)).toEqual({
      kind: "forget_refresh_token",
      token: { prefixHash },
    });
  });

  it("SO-20 tells of a verification whether it brought a state", () => {
    const type = `${RISC}verification`;
    expect(decideSecurityEvent(type, { state: "s" }, ISSUER)).toEqual({
      kind: "note_verification",
      hasState: true,
    });
    expect(decideSecurityEvent(type, {}, ISSUER)).toMatchObject({ hasState: false });
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    ["a type nobody knows", `${RISC}account-purged`, { subject: SUBJECT }, "unknown_type"],
    ["a type without its address", "sessions-revoked", { subject: SUBJECT }, "unknown_type"],
    ["no subject", `${RISC}sessions-revoked`, {}, "unknown_subject"],
    ["a subject in words", `${RISC}sessions-revoked`, { subject: "ada" }, "unknown_subject"],
    [
      "another issuer’s subject",
      `${RISC}sessions-revoked`,
      { subject: { ...SUBJECT, iss: "https://id.example/" } },
      "unknown_subject",
    ],
    [
      "a subject with no sub",
      `${RISC}sessions-revoked`,
      { subject: { ...SUBJECT, sub: "" } },
      "unknown_subject",
    ],
    ["an odd algorithm", `${OAUTH}token-revoked`, tokenSubject("md5", "t"), "unknown_subject"],
    ["no token", `${OAUTH}token-revoked`, tokenSubject("prefix", undefined), "unknown_subject"],
  ])("does nothing for %s", (_what, type, payload, cause) => {
    expect(decideSecurityEvent(type, payload, ISSUER)).toEqual({ kind: "none", cause });
  });
});

type Parts = Parameters<typeof applySecurityEvent>[0];
type FakeStore = Parts["store"];

const NOT_THERE = async () => ({ kind: "unavailable" }) as const;

/** A store that knows Ada and writes down what it is asked to do. */
function aWorld(change: Partial<FakeStore> = {}) {
  const done: [string, unknown][] = [];
  const seen = new Set<string>();
  const ended = createEndedSessions();
  const clock = createTestClock(NOON);
  const log = createTestLog();
  const pseudonyms = createPseudonyms(["vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa"]);
  const store: FakeStore = {
    findSecurityEvent: async (jti) => ({ kind: seen.has(jti) ? "seen" : "new" }),
    async recordSecurityEvent({ jti }) {
      done.push(["recordSecurityEvent", jti]);
      seen.add(jti);
      return { kind: "new" };
    },
    async endSessions(end) {
      done.push(["endSessions", end]);
      const endedBefore = (end.startedBefore ?? 0) - 1;
      const mark = { who: hashPerson(end), endedBefore, reason: end.reason, spared: null };
      return { kind: "ended", mark, count: 1 };
    },
    async forgetRefreshToken(id) {
      done.push(["forgetRefreshToken", id]);
      return { kind: "forgotten", count: 0 };
    },
    async setGoogleBlocked(blocked) {
      done.push(["setGoogleBlocked", blocked]);
      return { kind: "set" };
    },
    async requireStepUp(demand) {
      done.push(["requireStepUp", demand]);
      return { kind: "set" };
    },
    readUser: readUser({}),
    ...change,
  };
  const apply = (type: string, more: object = {}, event: { jti?: string; at?: number } = {}) =>
    applySecurityEvent({ store, ended, log, pseudonyms }, ISSUER, {
      jti: event.jti ?? "j1",
      issuedAt: event.at ?? NOON,
      events: new Map([[type, { subject: SUBJECT, ...more }]]),
    });
  return { apply, done, ended, log, seen, clock };
}

function readUser(times: {
  lastSignedInAt?: number;
  googleBlockedAt?: number;
  googleEnabledAt?: number;
}): FakeStore["readUser"] {
  return async () => ({
    kind: "found",
    user: {
      ...ADA,
      name: "Ada",
      email: "ada@example.com",
      picture: null,
      hostedDomain: null,
      createdAt: NOON - 9_999_999,
      lastSignedInAt: NOON - 9_999_999,
      disabledAt: null,
      googleBlockedAt: null,
      googleEnabledAt: null,
      stepUpRequiredAt: null,
      ...times,
    },
  });
}

const NOTED = ["recordSecurityEvent", "j1"];

describe("applySecurityEvent", () => {
  it("SO-20 SO-21 ends the sessions begun until the event’s second, here at once, and then notes the event", async () => {
    const { apply, done, ended } = aWorld();
    expect(await apply(`${RISC}sessions-revoked`)).toBe("applied");
    const end = { ...ADA, reason: "security_event", startedBefore: NOON + 1000 };
    expect(done).toEqual([["endSessions", end], NOTED]);
    const { issuer, sub: id } = ADA;
    const begun = (startedAt: number) =>
      aSession({ startedAt, user: { ...aSession().user, issuer, id } });
    expect(ended.reasonOf(begun(NOON + 999))).toBe("security_event");
    expect(ended.reasonOf(begun(NOON + 1000))).toBeNull();
  });

  it("SO-20 forgets a revoked refresh token, and asks for a step-up", async () => {
    const { apply, done } = aWorld();
    await apply(`${OAUTH}token-revoked`, tokenSubject("hash_base64_sha512_sha512", "h"));
    await apply(`${RISC}account-credential-change-required`, {}, { jti: "j2" });
    expect(done).toEqual([
      ["forgetRefreshToken", { hash: "h" }],
      NOTED,
      ["requireStepUp", { ...ADA, after: NOON + 1000 }],
      ["recordSecurityEvent", "j2"],
    ]);
  });

  it("SO-20 blocks sign-in as of the event’s time, until the account is enabled", async () => {
    const { apply, done } = aWorld();
    await apply(`${RISC}account-disabled`, {}, { at: NOON - 1000 });
    await apply(`${RISC}account-enabled`, {}, { jti: "j2" });
    expect(done.filter(([what]) => what === "setGoogleBlocked")).toEqual([
      ["setGoogleBlocked", { ...ADA, blocked: true, at: NOON - 1000 }],
      ["setGoogleBlocked", { ...ADA, blocked: false, at: NOON }],
    ]);
  });

  it.each<[string, string, Parameters<typeof readUser>[0]]>([
    ["a block, after a new sign-in", "account-disabled", { lastSignedInAt: NOON + 1000 }],
    ["a block, after a newer unblocking", "account-disabled", { googleEnabledAt: NOON + 1000 }],
    ["an unblocking, after a newer block", "account-enabled", { googleBlockedAt: NOON + 1000 }],
  ])("SO-21 ignores what comes too late: %s", async (_what, type, times) => {
    const { apply, done } = aWorld({ readUser: readUser(times) });
    expect(await apply(RISC + type)).toBe("applied");
    expect(done).toEqual([NOTED]);
  });

  it("SO-20 logs a verification, and never its state", async () => {
    const { apply, log } = aWorld();
    await apply(`${RISC}verification`, { state: "canary" });
    expect(log.lines).toMatchObject([
      { event: "security_event_verification", fields: { hasState: true } },
    ]);
    expect(JSON.stringify(log.lines)).not.toContain("canary");
  });

  it("SO-21 does an event once, whatever comes again", async () => {
    const { apply, done } = aWorld();
    await apply(`${RISC}sessions-revoked`);
    expect(await apply(`${RISC}sessions-revoked`)).toBe("seen");
    expect(done.map(([what]) => what)).toEqual(["endSessions", "recordSecurityEvent"]);
  });

  it("does nothing for somebody who has never been here", async () => {
    const { apply, done } = aWorld({ readUser: async () => ({ kind: "absent" }) });
    expect(await apply(`${RISC}account-disabled`)).toBe("applied");
    expect(done).toEqual([NOTED]);
  });

  it("notes an event that it doesn’t know, and tells the log", async () => {
    const { apply, log, done } = aWorld();
    expect(await apply(`${RISC}account-purged`)).toBe("applied");
    expect(done).toEqual([NOTED]);
    expect(log.lines).toMatchObject([
      { level: "warn", event: "security_event_ignored", fields: { cause: "unknown_type" } },
    ]);
  });

  it.each<[string, string, keyof FakeStore]>([
    [RISC, "sessions-revoked", "findSecurityEvent"],
    [RISC, "sessions-revoked", "endSessions"],
    [RISC, "sessions-revoked", "recordSecurityEvent"],
    [RISC, "account-disabled", "readUser"],
    [RISC, "account-disabled", "setGoogleBlocked"],
    [RISC, "account-credential-change-required", "requireStepUp"],
    [OAUTH, "token-revoked", "forgetRefreshToken"],
  ])("SO-18 SO-21 leaves %s%s to be sent again when %s fails", async (area, type, method) => {
    const { apply, seen } = aWorld({ [method]: NOT_THERE });
    const more = type === "token-revoked" ? tokenSubject("prefix", "1//refresh-token") : {};
    expect(await apply(area + type, more)).toBe("unavailable");
    expect(seen.size).toBe(0);
  });
});

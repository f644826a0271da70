import { describe, expect, it } from "vitest";
import { createRefresher } from "../../../../app/auth/refresh/refresh.server";
import type { RefreshOutcome } from "../../../../app/auth/refresh/refresh-outcome";
import type { SharedRefresh } from "../../../../app/auth/refresh/turn";
import type { RefreshedIdToken } from "../../../../app/google/refreshed-id-token.server";
import type { TokenAnswer } from "../../../../app/google/token-answer.server";
import { createEndedSessions } from "../../../../app/session/ended-sessions.server";
import type { Session } from "../../../../app/session/session.server";
import { aSession } from "../../../support/session-fixture";
import { createTestClock } from "../../../support/test-clock";
import { createTestLog } from "../../../support/test-log";
import { createTestRandom } from "../../../support/test-random";
import { loneProcess } from "./lone-process";
import { granted, later, scriptedGoogle, unavailable } from "./scripted-google";

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const REVOKED: TokenAnswer = { kind: "grant_dead", reason: "grant_revoked" };

function aProcess(change: Partial<SharedRefresh> = {}) {
  const clock = createTestClock();
  const google = scriptedGoogle(clock);
  const ended = createEndedSessions();
  const log = createTestLog();
  const random = createTestRandom();
  const shared = { ...loneProcess(), ...change };
  const mayStay = () => true;
  const refresher = createRefresher({ google, shared, ended, clock, random, mayStay });
  const refresh = (session: Session) => refresher.refresh(session, log);
  return { clock, google, ended, log, refresh };
}

function renewedSession(outcome: RefreshOutcome): Session {
  if (outcome.kind !== "renewed") throw new Error(`Not renewed: ${JSON.stringify(outcome)}`);
  return outcome.session;
}

function sessions(count: number): Session[] {
  return Array.from({ length: count }, (_, index) =>
    aSession({
      id: `session-${index}`.padEnd(22, "."),
      user: { ...aSession().user, id: `person-${index}` },
    }),
  );
}

describe("createRefresher", () => {
  it("renews a session’s tokens, and counts it as a generation", async () => {
    const { clock, google, refresh } = aProcess();
    await clock.advance(55 * MINUTE);
    expect(await refresh(aSession())).toEqual({
      kind: "renewed",
      session: aSession({
        generation: 1,
        tokens: {
          ...aSession().tokens,
          accessToken: "access-1",
          issuedAt: clock.now(),
          issuedBefore: [aSession().tokens.issuedAt],
          expiresAt: clock.now() + HOUR,
        },
      }),
    });
    expect(google.asked).toEqual([aSession().tokens.refreshToken]);
  });

  it("remembers when the last few tokens were issued, and no more", async () => {
    const { clock, refresh } = aProcess();
    let session = aSession();
    const issued: number[] = [];
    for (let times = 0; times < 7; times++) {
      issued.push(session.tokens.issuedAt);
      await clock.advance(55 * MINUTE);
      const outcome = await refresh(session);
      if (outcome.kind !== "renewed") throw new Error(outcome.kind);
      session = outcome.session;
      expect(session.tokens.issuedBefore).toEqual(issued.slice(-4));
    }
  });

  describe("one call for all", () => {
    it("TR-03 asks once for twenty requests at the same time", async () => {
      const { google, refresh } = aProcess();
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => refresh(aSession())));
      expect(google.asked).toHaveLength(1);
      expect(new Set(outcomes.map((outcome) => renewedSession(outcome))).size).toBe(1);
    });

    it("TR-03 asks for each of several sessions", async () => {
      const { google, refresh } = aProcess();
      await Promise.all(sessions(3).map(refresh));
      expect(google.asked).toHaveLength(3);
    });

    it("TR-03 asks anew after a call that came to nothing", async () => {
      const { clock, google, refresh } = aProcess();
      google.answers = [unavailable(), granted(clock)];
      expect(await refresh(aSession())).toMatchObject({ kind: "unavailable" });
      await clock.advance(MINUTE);
      expect(await refresh(aSession())).toMatchObject({ kind: "renewed" });
      expect(google.asked).toHaveLength(2);
    });

    it("hands the newest tokens on to a request that comes late, with no call", async () => {
      const { google, refresh } = aProcess();
      const newer = renewedSession(await refresh(aSession()));
      const newest = renewedSession(await refresh(newer));
      expect(await refresh(aSession())).toEqual({ kind: "renewed", session: newest });
      expect(await refresh(newer)).toEqual({ kind: "renewed", session: newest });
      expect(google.asked).toHaveLength(2);
    });

    it("TR-04 uses the newest refresh token for a request that comes very late", async () => {
      const { clock, google, refresh } = aProcess();
      google.answers = [granted(clock, { refreshToken: "1//second" })];
      await refresh(aSession());
      await clock.advance(2 * HOUR);
      google.answers = [];
      const late = renewedSession(await refresh(aSession()));
      expect(google.asked).toEqual([aSession().tokens.refreshToken, "1//second"]);
      expect(late).toMatchObject({ generation: 2, tokens: { refreshToken: "1//second" } });
    });

    it("TR-03 lets old and new cookies of one session share a call", async () => {
      const { clock, google, refresh } = aProcess();
      const newer = renewedSession(await refresh(aSession()));
      await clock.advance(2 * HOUR);
      const outcomes = await Promise.all([refresh(newer), refresh(aSession()), refresh(newer)]);
      expect(google.asked).toHaveLength(2);
      expect(outcomes.map((outcome) => renewedSession(outcome).generation)).toEqual([2, 2, 2]);
    });
  });

  describe("what Google sends", () => {
    it("TR-04 TR-16 stays as it was where Google sends nothing", async () => {
      const { refresh } = aProcess();
      const tokens = { ...aSession().tokens, refreshExpiresAt: 1_800_000_000_000 };
      const { tokens: after } = renewedSession(await refresh(aSession({ tokens })));
      expect(after).toMatchObject({
        refreshToken: tokens.refreshToken,
        refreshExpiresAt: 1_800_000_000_000,
        scopes: tokens.scopes,
      });
    });

    it("TR-04 TR-16 TR-17 replaces refresh token, its end and scopes", async () => {
      const { clock, google, refresh } = aProcess();
      const changes = { refreshToken: "1//second", refreshExpiresAt: 5, scopes: ["openid"] };
      google.answers = [granted(clock, changes)];
      expect(renewedSession(await refresh(aSession())).tokens).toMatchObject(changes);
    });

    it("SC-10 moves neither the start nor the last use of the session", async () => {
      const { clock, refresh } = aProcess();
      await clock.advance(HOUR);
      const { startedAt, lastSeenAt, user, id } = aSession();
      expect(renewedSession(await refresh(aSession()))).toMatchObject({
        startedAt,
        lastSeenAt,
        user,
        id,
      });
    });
  });

  describe("a dead grant", () => {
    it("TR-09 PF-06 ends the session, and is the last that Google hears of it", async () => {
      const { clock, google, ended, log, refresh } = aProcess();
      google.answers = [REVOKED];
      const outcomes = await Promise.all([refresh(aSession()), refresh(aSession())]);
      expect(outcomes).toEqual(
        Array.from(outcomes, () => ({ kind: "ended", reason: "grant_revoked" })),
      );
      expect(ended.reasonOf(aSession())).toBe("grant_revoked");
      await clock.advance(HOUR);
      expect(await refresh(aSession())).toEqual({ kind: "already_ended" });
      expect(google.asked).toHaveLength(1);
      expect(log.lines.map((line) => [line.event, line.fields.reason])).toEqual([
        ["session_expired", "grant_revoked"],
      ]);
    });

    it("TR-10 PF-07 says when it is the organisation that asks for a new sign-in", async () => {
      const { google, refresh } = aProcess();
      google.answers = [{ kind: "grant_dead", reason: "reauth_required" }];
      expect(await refresh(aSession())).toEqual({ kind: "ended", reason: "reauth_required" });
    });

    it("FE-7 ends nothing when it was about tokens that others have renewed since", async () => {
      const newer = aSession({ generation: 1 });
      const { google, ended, refresh } = aProcess({
        endDead: async () => "moved_on",
        look: async () => ({ kind: "newer", session: newer }),
      });
      google.answers = [REVOKED];
      expect(await refresh(aSession())).toEqual({ kind: "renewed", session: newer });
      expect(ended.reasonOf(aSession())).toBeNull();
      expect(google.asked).toHaveLength(1);
    });

    it("FE-20 ends nothing while nobody can say whether others have renewed it", async () => {
      const { ended, google, log, refresh } = aProcess({ endDead: async () => "unknown" });
      google.answers = [REVOKED];
      expect((await refresh(aSession())).kind).toBe("unavailable");
      expect(ended.reasonOf(aSession())).toBeNull();
      expect(log.lines.map((line) => line.fields.cause)).toEqual(["grant_dead_unconfirmed"]);
    });

    it("TR-09 ends no other session", async () => {
      const { google, ended, refresh } = aProcess();
      const [one = aSession(), other = aSession()] = sessions(2);
      google.answers = [REVOKED];
      await refresh(one);
      expect(ended.reasonOf(other)).toBeNull();
    });
  });

  describe("a session that has ended", () => {
    it("TR-18 never causes a call", async () => {
      const { clock, google, ended, refresh } = aProcess();
      ended.add(aSession().id, "signed_out", clock.now());
      expect(await refresh(aSession())).toEqual({ kind: "already_ended" });
      expect(google.asked).toEqual([]);
    });

    it.each<[string, (clock: ReturnType<typeof createTestClock>) => TokenAnswer]>([
      ["new tokens", (clock) => granted(clock)],
      ["a dead grant", () => REVOKED],
    ])("SO-05 stays ended when Google comes with %s after the sign-out", async (_what, make) => {
      const { clock, google, ended, refresh } = aProcess();
      const thinking = later<TokenAnswer>();
      google.answers = [thinking.promise];
      const outcome = refresh(aSession());
      ended.add(aSession().id, "signed_out", clock.now());
      thinking.give(make(clock));
      expect(await outcome).toEqual({ kind: "already_ended" });
      expect(ended.reasonOf(aSession())).toBe("signed_out");
    });
  });

  describe("the ID token of a refresh", () => {
    function saying(idToken: RefreshedIdToken) {
      const process = aProcess();
      process.google.answers = [granted(process.clock, { idToken: "e.y.J" })];
      process.google.idToken = idToken;
      return process;
    }

    it("TR-15 is fine for the same person, and tells their domain of today", async () => {
      const { refresh } = saying({ kind: "same", hostedDomain: "example.org" });
      const { user } = renewedSession(await refresh(aSession()));
      expect(user).toEqual({ ...aSession().user, hostedDomain: "example.org" });
    });

    it.each(["issuer", "audience", "authorized_party", "subject"] as const)(
      "TR-15 PF-11 ends the session when it is somebody else’s by its %s",
      async (flaw) => {
        const { ended, refresh } = saying({ kind: "somebody_else", flaw });
        expect(await refresh(aSession())).toEqual({ kind: "ended", reason: "grant_revoked" });
        expect(ended.reasonOf(aSession())).toBe("grant_revoked");
      },
    );

    it("FE-11 PF-13 costs nobody their new tokens when nothing can be read in it", async () => {
      const { log, refresh } = saying({ kind: "unreadable", flaw: "malformed" });
      expect((await refresh(aSession())).kind).toBe("renewed");
      expect(log.lines.map((line) => line.event)).toContain("id_token_unchecked");
    });
  });

  describe("a refresh that failed", () => {
    it("TR-07 PF-03 keeps the session, and doesn’t ask again with every request", async () => {
      const { clock, google, ended, refresh } = aProcess();
      google.answers = [unavailable()];
      await clock.advance(51 * MINUTE);
      for (let load = 0; load < 10; load++) {
        expect((await refresh(aSession())).kind).toBe("unavailable");
        await clock.advance(SECOND / 2);
      }
      expect(google.asked).toHaveLength(1);
      expect(ended.reasonOf(aSession())).toBeNull();
    });

    it("TR-08 heals by itself, once Google is well", async () => {
      const { clock, google, refresh } = aProcess();
      await clock.advance(2 * HOUR);
      google.answers = [unavailable(), granted(clock)];
      const outcome = await refresh(aSession());
      if (outcome.kind !== "unavailable") throw new Error("This came too early.");
      expect(outcome.retryAfterMs).toBe(SECOND);
      await clock.advance(outcome.retryAfterMs);
      expect((await refresh(aSession())).kind).toBe("renewed");
    });

    it("TR-13 PF-03 tells for how long not to come back, as Google asked", async () => {
      const { clock, google, refresh } = aProcess();
      google.answers = [unavailable("status_429", 42 * SECOND), granted(clock)];
      expect(await refresh(aSession())).toMatchObject({
        kind: "unavailable",
        retryAfterMs: 42 * SECOND,
      });
      await clock.advance(42 * SECOND - 1);
      expect(await refresh(aSession())).toMatchObject({ kind: "unavailable", retryAfterMs: 1 });
      await clock.advance(1);
      expect((await refresh(aSession())).kind).toBe("renewed");
    });

    it.each([
      [{ kind: "misconfigured", error: "invalid_client" }],
      [{ kind: "misconfigured", error: "deleted_client" }],
      [{ kind: "forbidden", error: "admin_policy_enforced" }],
      [{ kind: "forbidden", error: "org_internal" }],
    ] satisfies [TokenAnswer][])(
      "TR-11 PF-08 PF-09 raises an alarm and signs nobody out: %o",
      async (answer) => {
        const { google, ended, log, refresh } = aProcess();
        google.answers = [answer];
        expect((await refresh(aSession())).kind).toBe("unavailable");
        expect((await refresh(aSession())).kind).toBe("unavailable");
        expect(google.asked).toHaveLength(1);
        expect(ended.reasonOf(aSession())).toBeNull();
        expect(log.lines[0]).toEqual({
          level: "error",
          event: "token_refresh_refused",
          fields: { cause: answer.error, alarm: true },
        });
      },
    );
  });

  describe("while refreshes fail for everybody", () => {
    it("PF-18 asks no more after ten failures, until a single call has tried", async () => {
      const { clock, google, refresh } = aProcess();
      await clock.advance(2 * HOUR);
      google.answers = [unavailable()];
      const [first = aSession(), ...others] = sessions(100);
      for (const session of sessions(10)) await refresh(session);
      expect(google.asked).toHaveLength(10);

      const waiting = await Promise.all(others.slice(10).map(refresh));
      expect(google.asked).toHaveLength(10);
      for (const outcome of waiting) {
        if (outcome.kind !== "unavailable") throw new Error("One came through.");
        expect(outcome.retryAfterMs).toBeGreaterThan(2 * SECOND);
        expect(outcome.retryAfterMs).toBeLessThanOrEqual(5 * SECOND);
      }

      await clock.advance(5 * SECOND);
      await Promise.all(others.slice(10).map(refresh));
      expect(google.asked).toHaveLength(11);

      google.answers = [granted(clock)];
      await clock.advance(MINUTE);
      expect((await refresh(first)).kind).toBe("renewed");
      await Promise.all(others.map(refresh));
      expect(google.asked.length).toBeGreaterThan(100);
    });

    const UNKNOWN: TokenAnswer = unavailable("status_400");
    it.each([
      ["a status of Google’s", unavailable()],
      ["an error that nobody knows", UNKNOWN],
      ["a refusal of its token", { kind: "misconfigured", error: "unauthorized_client" }],
    ] satisfies [string, TokenAnswer][])(
      "FE-13 isn’t the case because one account fails in all of its sessions, with %s",
      async (_, answer) => {
        const { clock, google, refresh } = aProcess();
        await clock.advance(2 * HOUR);
        google.answers = [answer];
        const [other = aSession(), ...rest] = sessions(16);
        const { user } = aSession();
        for (const session of rest) await refresh({ ...session, user });
        expect(google.asked).toHaveLength(15);
        google.answers = [granted(clock)];
        expect((await refresh(other)).kind).toBe("renewed");
      },
    );

    it("FE-13 isn’t the case because many accounts get an error that is theirs", async () => {
      const { clock, google, refresh } = aProcess();
      await clock.advance(2 * HOUR);
      google.answers = [UNKNOWN];
      const [other = aSession(), ...rest] = sessions(31);
      for (const session of rest) await refresh(session);
      google.answers = [granted(clock)];
      expect((await refresh(other)).kind).toBe("renewed");
    });

    it("FE-13 doesn’t last because the same account tries again and again", async () => {
      const { clock, google, refresh } = aProcess();
      await clock.advance(2 * HOUR);
      google.answers = [unavailable()];
      const [good = aSession(), ...rest] = sessions(41);
      for (const session of rest.slice(0, 10)) await refresh(session);
      google.answers = [UNKNOWN];
      await clock.advance(5 * SECOND);
      // Google is well again, but for one account, whose sessions come first each time.
      const { user } = aSession();
      const bad = rest.slice(10).map((session) => ({ ...session, user }));
      await refresh(bad[0] ?? good);
      await clock.advance(5 * SECOND);
      for (const session of bad.slice(1)) await refresh(session);
      expect(google.asked).toHaveLength(11);
      google.answers = [granted(clock)];
      expect((await refresh(good)).kind).toBe("renewed");
    });

    it("PF-08 PF-18 isn’t the case because one organisation’s rule refuses its people", async () => {
      const { clock, google, refresh } = aProcess();
      google.answers = [{ kind: "forbidden", error: "admin_policy_enforced" }];
      const [other = aSession(), ...refused] = sessions(21);
      for (const session of refused) await refresh(session);
      google.answers = [granted(clock)];
      expect((await refresh(other)).kind).toBe("renewed");
    });
  });

  it("LG-03 writes no token and no session id to the log", async () => {
    const { clock, google, log, refresh } = aProcess();
    google.answers = [granted(clock), unavailable(), REVOKED];
    for (const session of sessions(3)) await refresh(session);
    const written = JSON.stringify(log.lines);
    expect(log.lines).toHaveLength(3);
    const { accessToken, refreshToken } = aSession().tokens;
    for (const secret of [accessToken, refreshToken, "session-0", "ada@"]) {
      expect(written).not.toContain(secret);
    }
  });
});

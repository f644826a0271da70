import { describe, expect, it } from "vitest";
import { cookiePolicy, parseCookieHeader } from "../../../app/session/cookie-header.server";
import { createEndedSessions } from "../../../app/session/ended-sessions.server";
import { createLoginHints } from "../../../app/session/login-hint.server";
import { RequestSession } from "../../../app/session/request-session.server";
import { createSealer } from "../../../app/session/seal.server";
import type { ConfirmUse, Session } from "../../../app/session/session.server";
import { createSessionCookie } from "../../../app/session/session-cookie.server";
import { CookieJar } from "../../support/cookie-jar";
import { aSession } from "../../support/session-fixture";
import { createTestClock } from "../../support/test-clock";
import { createTestLog } from "../../support/test-log";
import { createTestRandom } from "../../support/test-random";

const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const MINUTE = 60_000;
const DAY = 86_400_000;
const LIMITS = { idleMs: 30 * DAY, absoluteMs: 180 * DAY };
const POLICY = cookiePolicy("https://app.example.com");

/** One app process and one browser that is signed in, or isn’t. */
function aBrowser(session: Session | null = aSession()) {
  const clock = createTestClock();
  const log = createTestLog();
  const ended = createEndedSessions();
  const random = createTestRandom();
  const { issuer } = aSession().user;
  const cookie = createSessionCookie(POLICY, createSealer("session", [SECRET], random));
  const hints = createLoginHints(POLICY, createSealer("login-hint", [SECRET], random), issuer);
  const jar = new CookieJar(clock);
  /** What the session’s row says. */
  let confirmed: Awaited<ReturnType<ConfirmUse>> = "live";

  /** The session of a request that this browser sends now. */
  function request(): RequestSession {
    const cookies = parseCookieHeader(jar.header());
    const confirmUse = async () => confirmed;
    const parts = { cookie, issuer, hints, ended, limits: LIMITS, clock, log, confirmUse };
    return new RequestSession(parts, cookies);
  }
  /** The answer arrives. */
  function answer(requestSession: RequestSession): string[] {
    const setCookies = requestSession.setCookies();
    jar.store(new Headers(setCookies.map((value): [string, string] => ["Set-Cookie", value])));
    return setCookies;
  }
  if (session) {
    const signIn = request();
    signIn.begin(session);
    answer(signIn);
  }
  function rowSays(answer: typeof confirmed): void {
    confirmed = answer;
  }
  return { clock, log, ended, jar, request, answer, rowSays };
}

function renewed(session: Session, generation: number, tokens: Partial<Session["tokens"]> = {}) {
  const accessToken = `access-${generation}`;
  return { ...session, generation, tokens: { ...session.tokens, accessToken, ...tokens } };
}

/** Tokens that no cookie can hold. */
const TOO_LONG = "t".repeat(8000);

describe("RequestSession", () => {
  it("finds nobody signed in when there is no cookie", () => {
    const { request } = aBrowser(null);
    const session = request();
    expect(session.read()).toEqual({ status: "absent" });
    expect(session.setCookies()).toEqual([]);
  });

  it("finds the session in its cookie", () => {
    expect(aBrowser().request().read()).toEqual({ status: "active", session: aSession() });
  });

  it("SC-20 opens no cookie and sets none when nobody asks for the session", () => {
    const { jar, log, request } = aBrowser();
    jar.set(POLICY.name, "rubbish");
    expect(request().setCookies()).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it("SC-20 sets no cookie when the session was only read", () => {
    const session = aBrowser().request();
    session.read();
    session.touch();
    expect(session.setCookies()).toEqual([]);
  });

  it("SC-20 sets the cookie once in five minutes of use", async () => {
    const { clock, request, answer } = aBrowser();
    let written = 0;
    for (let load = 0; load < 60; load++) {
      await clock.advance(10_000);
      const session = request();
      session.touch();
      written += answer(session).length;
    }
    expect(written).toBe(2);
  });

  it("writes everything that a request did in one cookie", async () => {
    const { clock, request, answer } = aBrowser();
    await clock.advance(6 * MINUTE);
    const session = request();
    session.touch();
    session.renew(renewed(aSession(), 1));
    session.touch();
    expect(answer(session)).toHaveLength(1);
    expect(request().read()).toEqual({
      status: "active",
      session: { ...renewed(aSession(), 1), lastSeenAt: clock.now() },
    });
  });

  describe("limits", () => {
    it("SC-08 keeps the cookie for the idle limit, at most for what is left", async () => {
      const { clock, request } = aBrowser(
        aSession({ startedAt: createTestClock().now() - 179 * DAY }),
      );
      await clock.advance(DAY / 2);
      const session = request();
      session.touch();
      expect(session.setCookies().join()).toContain(`Max-Age=${DAY / 2 / 1000};`);

      const fresh = aBrowser();
      await fresh.clock.advance(DAY);
      const used = fresh.request();
      used.touch();
      expect(used.setCookies().join()).toContain(`Max-Age=${(30 * DAY) / 1000};`);
    });

    it.each([
      ["idle", aSession(), 30 * DAY],
      ["absolute", aSession({ startedAt: aSession().startedAt - 170 * DAY }), 10 * DAY],
    ] as const)(
      "SC-08 ends a session at its %s limit, although the cookie is still sent",
      async (reason, session, elapsed) => {
        const { clock, jar, log, request, answer } = aBrowser(session);
        const kept = jar.get(POLICY.name) ?? "";
        await clock.advance(elapsed - 1);
        jar.set(POLICY.name, kept);
        expect(request().read().status).toBe("active");
        await clock.advance(1);
        const late = request();
        expect(late.read()).toEqual({ status: "ended", reason });
        expect(log.lines.map(({ event, fields }) => [event, fields.reason])).toEqual([
          ["session_expired", reason],
        ]);
        answer(late);
        expect(jar.names(), "who it was is remembered").toEqual([`${POLICY.name}-hint`]);
      },
    );

    it("SC-10 SC-08 ends on time although it was used and renewed a thousand times", async () => {
      const { clock, jar, request, answer } = aBrowser();
      for (let generation = 1; generation <= 1000; generation++) {
        clock.set(clock.now() + (180 * DAY - MINUTE) / 1000);
        const session = request();
        session.touch();
        session.renew(renewed(aSession(), generation, { issuedAt: clock.now() }));
        answer(session);
      }
      const last = request().read();
      expect(last).toMatchObject({
        status: "active",
        session: { generation: 1000, startedAt: aSession().startedAt },
      });
      const kept = jar.get(POLICY.name) ?? "";
      clock.set(clock.now() + MINUTE);
      jar.set(POLICY.name, kept);
      expect(request().read()).toEqual({ status: "ended", reason: "absolute" });
    });

    it("PF-17 goes on when the clock is set back", () => {
      const { clock, request } = aBrowser();
      clock.set(clock.now() - DAY);
      const session = request();
      session.touch();
      expect(session.read().status).toBe("active");
      expect(session.setCookies()).toEqual([]);
    });
  });

  describe("cookies that can’t be read", () => {
    it("SC-04 SC-05 are the end of the session, and are deleted", () => {
      for (const value of ["", "rubbish", "a.b.c.d.e"]) {
        const { jar, log, request, answer } = aBrowser();
        jar.set(POLICY.name, value);
        const session = request();
        expect(session.read()).toEqual({ status: "ended", reason: "unreadable" });
        answer(session);
        expect(jar.names()).toEqual([]);
        expect(log.lines.map((line) => line.event)).toEqual(["crypt_decrypt_fail"]);
      }
    });
  });

  describe("renew", () => {
    it("takes over newer tokens", () => {
      const { request, answer } = aBrowser();
      const session = request();
      session.renew(renewed(aSession(), 1));
      answer(session);
      expect(request().read()).toMatchObject({ session: { tokens: { accessToken: "access-1" } } });
    });

    it("ignores tokens that aren’t newer, and another session’s", () => {
      const { request } = aBrowser(aSession({ generation: 5 }));
      const session = request();
      session.renew(renewed(aSession(), 4));
      session.renew(renewed(aSession(), 5));
      session.renew(renewed(aSession({ id: "B".repeat(22) }), 6));
      expect(session.setCookies()).toEqual([]);
      expect(session.read()).toMatchObject({ session: { generation: 5 } });
    });

    it("keeps the later note of use", async () => {
      const { clock, request } = aBrowser();
      await clock.advance(6 * MINUTE);
      const session = request();
      session.touch();
      session.renew(renewed(aSession(), 1));
      expect(session.read()).toMatchObject({ session: { lastSeenAt: clock.now() } });
    });

    it("does nothing for somebody who isn’t signed in", () => {
      const session = aBrowser(null).request();
      session.renew(renewed(aSession(), 1));
      expect(session.read()).toEqual({ status: "absent" });
      expect(session.setCookies()).toEqual([]);
    });

    it("SC-14 drops the picture when the new tokens would not fit with it", () => {
      const user = { ...aSession().user, picture: `https://lh3.google/${"p".repeat(900)}` };
      const { request, answer } = aBrowser(aSession({ user }));
      const session = request();
      session.renew(renewed(aSession({ user }), 1, { accessToken: "t".repeat(3500) }));
      answer(session);
      expect(request().read()).toMatchObject({
        status: "active",
        session: { generation: 1, user: { ...user, picture: null } },
      });
    });

    it("SC-14 keeps the session as it was when the new tokens can’t fit, and raises an alarm", () => {
      const { log, request, answer } = aBrowser();
      const session = request();
      session.renew(renewed(aSession(), 1, { accessToken: TOO_LONG }));
      expect(answer(session)).toEqual([]);
      expect(request().read()).toEqual({ status: "active", session: aSession() });
      expect(log.lines).toMatchObject([
        { level: "error", event: "session_too_large", fields: { alarm: true } },
      ]);
    });
  });

  describe("begin", () => {
    it("starts a session, and ends the one that was there", () => {
      const { ended, request, answer } = aBrowser();
      const session = request();
      const next = aSession({ id: "B".repeat(22) });
      expect(session.begin(next)).toBe(true);
      answer(session);
      expect(request().read()).toEqual({ status: "active", session: next });
      expect(ended.reasonOf(aSession())).toBe("signed_out");
    });

    it("starts one where an unreadable cookie was", () => {
      const { jar, request, answer } = aBrowser();
      jar.set(POLICY.name, "rubbish");
      const session = request();
      session.begin(aSession());
      answer(session);
      expect(request().read().status).toBe("active");
    });

    it("SC-14 refuses what can’t fit, and leaves everything as it was", () => {
      const { ended, request } = aBrowser();
      const session = request();
      const tokens = { ...aSession().tokens, accessToken: TOO_LONG };
      expect(session.begin(aSession({ id: "B".repeat(22), tokens }))).toBe(false);
      expect(session.read()).toEqual({ status: "active", session: aSession() });
      expect(session.setCookies()).toEqual([]);
      expect(ended.reasonOf(aSession())).toBeNull();
    });
  });

  describe("end", () => {
    it("SO-03 deletes every cookie of the session", () => {
      const tokens = { ...aSession().tokens, accessToken: "t".repeat(3000) };
      const { jar, request, answer } = aBrowser(aSession({ tokens }));
      expect(jar.names()).toHaveLength(2);
      const session = request();
      session.end("signed_out");
      answer(session);
      expect(jar.names()).toEqual([]);
    });

    it("SO-04 makes a copy of the cookie worthless", () => {
      const { jar, log, request, answer } = aBrowser();
      const copy = jar.get(POLICY.name) ?? "";
      const session = request();
      session.end("signed_out");
      answer(session);

      jar.set(POLICY.name, copy);
      const replay = request();
      expect(replay.read()).toEqual({ status: "ended", reason: "signed_out" });
      expect(log.lines.map((line) => line.event)).toEqual(["session_use_after_expire"]);
      answer(replay);
      expect(jar.names()).toEqual([]);
    });

    it("SO-05 is final: no renewal or use of the same request undoes it", () => {
      const { jar, request, answer } = aBrowser();
      const session = request();
      session.read();
      session.end("signed_out");
      session.renew(renewed(aSession(), 1));
      session.touch();
      expect(session.read()).toEqual({ status: "ended", reason: "signed_out" });
      answer(session);
      expect(jar.names()).toEqual([]);
    });

    it("SO-05 holds for a slow request too, which can’t bring the session back", () => {
      const { jar, request, answer } = aBrowser();
      const slow = request();
      slow.read();
      slow.renew(renewed(aSession(), 1));

      const signOut = request();
      signOut.end("signed_out");
      answer(signOut);

      expect(answer(slow)).toEqual([]);
      expect(slow.read()).toEqual({ status: "ended", reason: "signed_out" });
      expect(jar.names()).toEqual([]);
    });

    it("SO-05 a slow request says nothing about a session that somebody has begun since", () => {
      const { request, answer } = aBrowser();
      const slow = request();
      slow.read();
      const signOut = request();
      signOut.end("signed_out");
      answer(signOut);
      const signIn = request();
      const next = aSession({ id: "B".repeat(22) });
      signIn.begin(next);
      answer(signIn);

      slow.touch();
      answer(slow);
      expect(request().read()).toEqual({ status: "active", session: next });
    });

    it("SO-14 may be said twice, and to somebody who isn’t signed in", () => {
      const { request, answer } = aBrowser();
      const session = request();
      session.end("signed_out");
      session.end("signed_out");
      expect(answer(session)).toHaveLength(1);
      const again = request();
      again.end("signed_out");
      expect(answer(again)).toEqual([]);
    });

    it("SO-14 deletes a cookie that can’t be read", () => {
      const { jar, request, answer } = aBrowser();
      jar.set(`${POLICY.name}.1`, "rubbish");
      jar.set(POLICY.name, "rubbish");
      const session = request();
      session.end("signed_out");
      answer(session);
      expect(jar.names()).toEqual([]);
    });
  });
});

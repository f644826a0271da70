import { describe, expect, it } from "vitest";
import {
  type FreshSessionContext,
  freshSession,
  PATIENCE_MS,
} from "../../../../app/auth/refresh/fresh-session.server";
import { createRefresher } from "../../../../app/auth/refresh/refresh.server";
import { readSettings } from "../../../../app/config/settings.server";
import type { TokenAnswer } from "../../../../app/google/token-answer.server";
import { cookiePolicy, parseCookieHeader } from "../../../../app/session/cookie-header.server";
import { createEndedSessions } from "../../../../app/session/ended-sessions.server";
import { createLoginHints } from "../../../../app/session/login-hint.server";
import { RequestSession } from "../../../../app/session/request-session.server";
import { createSealer } from "../../../../app/session/seal.server";
import type { Session } from "../../../../app/session/session.server";
import { createSessionCookie } from "../../../../app/session/session-cookie.server";
import { CookieJar } from "../../../support/cookie-jar";
import { aSession } from "../../../support/session-fixture";
import { createTestClock } from "../../../support/test-clock";
import { createTestLog } from "../../../support/test-log";
import { createTestRandom } from "../../../support/test-random";
import { loneProcess } from "./lone-process";
import { granted, later, scriptedGoogle, unavailable } from "./scripted-google";

const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const MINUTE = 60_000;
const SETTINGS = readSettings(
  { SESSION_SECRET: SECRET, GOOGLE_CLIENT_ID: "id", GOOGLE_CLIENT_SECRET: "secret" },
  "development",
);

/** An app process, and a browser that is signed in. */
function aBrowser() {
  if (!SETTINGS.ok) throw new Error(SETTINGS.message);
  const { settings } = SETTINGS;
  const [clock, random, log] = [createTestClock(), createTestRandom(), createTestLog()];
  const google = scriptedGoogle(clock);
  const ended = createEndedSessions();
  const { issuer } = settings.google;
  const policy = cookiePolicy(settings.appOrigin);
  const sealer = createSealer("session", [SECRET], random);
  const cookie = createSessionCookie(policy, sealer);
  const hints = createLoginHints(policy, createSealer("login-hint", [SECRET], random), issuer);
  const limits = { idleMs: settings.sessionIdleMs, absoluteMs: settings.sessionAbsoluteMs };
  const shared = loneProcess();
  const mayStay = () => true;
  const refresher = createRefresher({ google, shared, ended, clock, random, mayStay });
  const app = { clock, refresher, ended };
  const jar = new CookieJar(clock);

  function request(prefetch = false): FreshSessionContext {
    const cookies = parseCookieHeader(jar.header());
    const confirmUse = async () => "live" as const;
    const parts = { cookie, issuer, hints, ended, limits, clock, log, confirmUse };
    const session = new RequestSession(parts, cookies);
    return { app, session, prefetch, log };
  }
  function answer({ session }: FreshSessionContext): string[] {
    const setCookies = session.setCookies();
    jar.store(new Headers(setCookies.map((value): [string, string] => ["Set-Cookie", value])));
    return setCookies;
  }
  function signIn(session: Session): void {
    const context = request();
    context.session.begin(session);
    answer(context);
  }
  function signOut(): void {
    const context = request();
    context.session.end("signed_out");
    answer(context);
  }
  signIn(aSession());
  return { clock, google, jar, request, answer, signIn, signOut };
}

describe("freshSession", () => {
  it("TR-01 asks nothing of Google while the token is fresh", async () => {
    const { clock, google, request, answer } = aBrowser();
    await clock.advance(50 * MINUTE - 1000);
    const context = request();
    expect(await freshSession(context)).toEqual({
      status: "active",
      session: aSession(),
      google: { live: true },
    });
    expect(google.asked).toEqual([]);
    expect(answer(context)).toEqual([]);
  });

  it("TR-01 TR-03 renews a due token once, however many loaders ask", async () => {
    const { clock, google, request, answer } = aBrowser();
    await clock.advance(50 * MINUTE);
    const context = request();
    const all = await Promise.all(Array.from({ length: 20 }, () => freshSession(context)));
    expect(new Set(all).size).toBe(1);
    expect(all[0]).toMatchObject({ session: { generation: 1 }, google: { live: true } });
    expect(google.asked).toHaveLength(1);
    expect(answer(context)).toHaveLength(1);
    expect(await freshSession(request())).toMatchObject({ session: { generation: 1 } });
  });

  it("TR-22 doesn’t renew for a guess of the browser’s, unless the token is dead", async () => {
    const { clock, google, request } = aBrowser();
    await clock.advance(55 * MINUTE);
    expect(await freshSession(request(true))).toMatchObject({ google: { live: true } });
    expect(google.asked).toEqual([]);
    await clock.advance(5 * MINUTE);
    expect(await freshSession(request(true))).toMatchObject({ session: { generation: 1 } });
  });

  it("TR-18 asks nothing for somebody who isn’t signed in any more", async () => {
    const { clock, google, jar, request, signOut } = aBrowser();
    const copy = jar.copy();
    signOut();
    await clock.advance(55 * MINUTE);
    expect(await freshSession(request())).toEqual({ status: "signed_out", reason: null });
    for (const name of copy.names()) jar.set(name, copy.get(name) ?? "");
    expect(await freshSession(request())).toEqual({ status: "signed_out", reason: "signed_out" });
    expect(google.asked).toEqual([]);
  });

  it("TR-07 waits two seconds for Google, then goes on with the old token", async () => {
    const { clock, google, request, answer } = aBrowser();
    await clock.advance(55 * MINUTE);
    const thinking = later<TokenAnswer>();
    google.answers = [thinking.promise];
    const context = request();
    const fresh = freshSession(context);
    await clock.advance(PATIENCE_MS);
    expect(PATIENCE_MS).toBe(2000);
    expect(await fresh).toMatchObject({ session: { generation: 0 }, google: { live: true } });
    expect(answer(context)).toEqual([]);

    thinking.give(granted(clock));
    await clock.advance(0);
    expect(await freshSession(request())).toMatchObject({ session: { generation: 1 } });
    expect(google.asked).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  it("FE-22 waits no longer when the old token is dead: who it is can be told without", async () => {
    const { clock, google, request, answer } = aBrowser();
    await clock.advance(60 * MINUTE);
    const thinking = later<TokenAnswer>();
    google.answers = [thinking.promise];
    const context = request();
    const fresh = freshSession(context);
    await clock.advance(PATIENCE_MS);
    const { session, google: access } = Object(await fresh);
    expect(session).toMatchObject({ generation: 0, user: aSession().user });
    expect(access).toMatchObject({ live: false, retryAfterMs: PATIENCE_MS });

    thinking.give(granted(clock));
    await access.pending;
    expect(context.session.active().generation).toBe(1);
    expect(answer(context)).toHaveLength(1);
  });

  it("TR-08 still knows who it is when Google fails and the token is dead", async () => {
    const { clock, google, request, answer } = aBrowser();
    await clock.advance(60 * MINUTE);
    google.answers = [unavailable("status_503", 7000)];
    const context = request();
    expect(await freshSession(context)).toMatchObject({
      status: "active",
      session: { user: aSession().user },
      google: { live: false, retryAfterMs: 7000 },
    });
    expect(answer(context)).toEqual([]);
  });

  it("TR-09 ends the session once when the grant is dead, and clears the cookie", async () => {
    const { clock, google, jar, request, answer } = aBrowser();
    await clock.advance(55 * MINUTE);
    google.answers = [{ kind: "grant_dead", reason: "grant_revoked" }];
    const context = request();
    expect(await freshSession(context)).toEqual({ status: "signed_out", reason: "grant_revoked" });
    answer(context);
    expect(jar.names(), "who it was is remembered").toEqual(["latchkey-3000-hint"]);
    expect(await freshSession(request())).toEqual({ status: "signed_out", reason: null });
    expect(google.asked).toHaveLength(1);
  });

  it.each<[string, (clock: ReturnType<typeof createTestClock>) => TokenAnswer]>([
    ["granted", (clock) => granted(clock)],
    ["refused", () => ({ kind: "grant_dead", reason: "grant_revoked" })],
    ["failed", () => unavailable()],
  ])(
    "SO-05 a refresh that is %s after a sign-out leaves the next person’s session alone",
    async (_how, make) => {
      const { clock, google, request, answer, signIn, signOut } = aBrowser();
      await clock.advance(60 * MINUTE);
      const thinking = later<TokenAnswer>();
      google.answers = [thinking.promise];
      const slow = request();
      const fresh = freshSession(slow);
      signOut();
      const next = aSession({ id: "B".repeat(22), startedAt: clock.now() });
      signIn(next);

      thinking.give(make(clock));
      expect(await fresh).toEqual({ status: "signed_out", reason: "signed_out" });
      expect(answer(slow)).toEqual([]);
      expect(request().session.read()).toEqual({ status: "active", session: next });
    },
  );
});

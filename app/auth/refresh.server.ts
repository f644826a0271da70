import { BoundedMap } from "../config/bounded-map";
import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import { type Random, randomFraction } from "../config/random.server";
import type { Google } from "../google/google.server";
import type { IdTokenFlaw } from "../google/id-token.server";
import type { GrantedTokens, TokenAnswer } from "../google/token-answer.server";
import type { EndReason } from "../session/end-reason";
import type { EndedSessions } from "../session/ended-sessions.server";
import { isNewer, type Session } from "../session/session.server";
import { type BackOff, nextBackOff, pauseLeft } from "./back-off.server";
import { createCircuitBreaker } from "./circuit-breaker.server";
import { decideRefresh } from "./decide-refresh.server";
import type { Claim, SharedRefresh, Turn } from "./shared-refresh.server";

/** What stands in a refresh's way: nothing that is known, or a rule of the person's organisation. */
export type RefreshObstacle = "unreachable" | "admin_policy" | "org_internal";

/**
 * - `renewed`: the session with newer tokens, from Google or from a refresh that already happened.
 * - `ended`: the grant turned out to be dead, which has ended the session.
 * - `already_ended`: something else had ended the session before, or did while Google was thinking.
 *   Whatever it was has cleared the browser's cookie; by now there may be a new session in it.
 * - `unavailable`: nothing is known to be wrong with the session; ask again after `retryAfterMs`.
 */
export type RefreshOutcome =
  | { kind: "renewed"; session: Session }
  | { kind: "ended"; reason: EndReason }
  | { kind: "already_ended" }
  | { kind: "unavailable"; retryAfterMs: number; obstacle: RefreshObstacle };

/** Renews sessions' tokens: once each, however many ask. Never throws. */
export interface Refresher {
  /** @param log of the request that asks; it tells what becomes of a call that this request began. */
  refresh(session: Session, log: Log): Promise<RefreshOutcome>;
  /** How many calls are under way. */
  readonly underWay: number;
  /** Whether all calls rest because too many have failed. */
  readonly resting: boolean;
}

export interface RefresherParts {
  google: Google;
  /** The other processes; null where this one is alone. */
  shared: SharedRefresh | null;
  ended: EndedSessions;
  clock: Clock;
  random: Random;
}

/** The turn of a process that shares its sessions with nobody. */
const ALONE: Turn = { kind: "ours", claim: null };
const NOTHING_NEW: Turn = { kind: "busy" };
const BUSY_RETRY_MS = 1000;

/** Sessions whose newest tokens this process remembers for requests that come late. */
const NEWEST_CAPACITY = 10_000;

/** An ID token with one of these speaks for somebody else: another account, client or provider. */
const SOMEBODY_ELSE = new Set<IdTokenFlaw>(["issuer", "audience", "authorized_party", "subject"]);

export function createRefresher(parts: RefresherParts): Refresher {
  const { google, shared, ended, clock, random } = parts;
  const flights = new Map<string, Promise<RefreshOutcome>>();
  const newest = new BoundedMap<string, Session>(NEWEST_CAPACITY);
  const backOffs = new BoundedMap<string, BackOff & { obstacle: RefreshObstacle }>(NEWEST_CAPACITY);
  const breaker = createCircuitBreaker();

  /**
   * The newest that is known of a session: a late tab, a lost answer or an overtaken cookie brings
   * older tokens, of which the refresh token may be good no more.
   */
  function newestOf(session: Session): Session {
    const known = newest.get(session.id);
    return known && isNewer(known, session) ? known : session;
  }

  async function ask(session: Session, log: Log): Promise<RefreshOutcome> {
    const now = clock.now();
    const waitMs = pauseLeft(backOffs.get(session.id), now) || breaker.waitMs(now);
    const turn =
      waitMs > 0
        ? ((await shared?.look(session)) ?? NOTHING_NEW)
        : ((await shared?.takeTurn(session)) ?? ALONE);
    switch (turn.kind) {
      case "newer":
        newest.set(session.id, turn.session);
        return decideRefresh(turn.session.tokens, clock.now()) === "expired"
          ? ask(turn.session, log)
          : { kind: "renewed", session: turn.session };
      case "ended":
        ended.add(session.id, turn.reason);
        log.warn("session_use_after_expire", { reason: turn.reason });
        return { kind: "ended", reason: turn.reason };
      case "busy":
        return {
          kind: "unavailable",
          retryAfterMs: waitMs || BUSY_RETRY_MS,
          obstacle: backOffs.get(session.id)?.obstacle ?? "unreachable",
        };
      case "ours": {
        const startedAt = clock.now();
        const answer = await google.refreshTokens(session.tokens.refreshToken, () => {
          noteFailure(startedAt);
          return !breaker.open;
        });
        noteAnswer(answer, startedAt);
        const outcome = await conclude(session, answer, turn.claim, log);
        log.debug("token_refresh_finished", {
          outcome: wordFor(outcome, answer),
          durationMs: clock.now() - startedAt,
        });
        if (turn.claim && outcome.kind === "unavailable") await shared?.giveBack(turn.claim);
        return outcome;
      }
    }
  }

  function noteFailure(startedAt: number): void {
    breaker.failed({ startedAt, now: clock.now(), random: randomFraction(random) });
  }

  /** A dead grant or an administrator's rule is one account's affair. The others concern everybody. */
  function noteAnswer({ kind }: TokenAnswer, startedAt: number): void {
    if (kind === "unavailable" || kind === "misconfigured") noteFailure(startedAt);
    else breaker.succeeded();
  }

  async function conclude(
    session: Session,
    answer: TokenAnswer,
    claim: Claim | null,
    log: Log,
  ): Promise<RefreshOutcome> {
    if (answer.kind === "granted") return accept(session, answer.tokens, claim, log);
    if (answer.kind === "grant_dead") return end(session, log, answer.reason);
    if (answer.kind === "misconfigured" || answer.kind === "forbidden") {
      // Ours or an administrator's to mend. Nobody is signed out for it, but somebody has to know.
      log.error("token_refresh_refused", { cause: answer.error, alarm: true });
      return fail(session, log, answer.error, null, obstacleOf(answer));
    }
    return fail(session, log, answer.cause, answer.retryAfterMs);
  }

  async function accept(
    session: Session,
    tokens: GrantedTokens,
    claim: Claim | null,
    log: Log,
  ): Promise<RefreshOutcome> {
    if (tokens.idToken !== null) {
      const checked = await google.verifyIdToken(tokens.idToken, tokens.accessToken, null);
      const { issuer, id } = session.user;
      if (checked.ok && (checked.claims.sub !== id || checked.claims.issuer !== issuer)) {
        return end(session, log, "grant_revoked", "id_token_for_somebody_else");
      }
      if (!checked.ok && checked.flaw === "keys_unavailable") {
        // It came straight from Google over TLS, which alone would do (OpenID Connect Core 3.1.3.7).
        log.warn("id_token_unchecked", { cause: checked.flaw });
      } else if (!checked.ok && SOMEBODY_ELSE.has(checked.flaw)) {
        return end(session, log, "grant_revoked", `id_token_${checked.flaw}`);
      } else if (!checked.ok) {
        return fail(session, log, `id_token_${checked.flaw}`, null);
      }
    }
    // A sign-out that came while Google was thinking is final.
    if (ended.reasonOf(session.id)) return { kind: "already_ended" };
    const renewed = withTokens(session, tokens);
    const published = claim && (await shared?.publish(claim, renewed));
    if (published?.kind === "ended") {
      ended.add(session.id, published.reason);
      return { kind: "already_ended" };
    }
    const current = published?.kind === "newer" ? published.session : renewed;
    newest.set(session.id, current);
    backOffs.delete(session.id);
    log.info("authn_token_created", { outcome: "refreshed", generation: current.generation });
    return { kind: "renewed", session: current };
  }

  async function end(
    session: Session,
    log: Log,
    reason: EndReason,
    cause?: string,
  ): Promise<RefreshOutcome> {
    if (ended.reasonOf(session.id)) return { kind: "already_ended" };
    ended.add(session.id, reason);
    newest.delete(session.id);
    backOffs.delete(session.id);
    log.warn("session_expired", { reason, cause });
    await shared?.end(session, reason);
    // Google's own word on the grant: other sessions may hold the same dead token.
    if (reason === "grant_revoked" && cause === undefined) await shared?.forget(session);
    return { kind: "ended", reason };
  }

  function fail(
    session: Session,
    log: Log,
    cause: string,
    retryAfterMs: number | null,
    obstacle: RefreshObstacle = "unreachable",
  ): RefreshOutcome {
    const now = clock.now();
    const live = decideRefresh(session.tokens, now) !== "expired";
    const backOff = nextBackOff(backOffs.get(session.id), {
      now,
      live,
      retryAfterMs,
      random: randomFraction(random),
    });
    backOffs.set(session.id, { ...backOff, obstacle });
    log.warn("token_refresh_failed", { cause, live, failures: backOff.failures });
    return { kind: "unavailable", retryAfterMs: Math.max(backOff.until - now, 1000), obstacle };
  }

  return {
    get underWay() {
      return flights.size;
    },
    get resting() {
      return breaker.open;
    },
    async refresh(session, log) {
      if (ended.reasonOf(session.id)) return { kind: "already_ended" };
      const current = newestOf(session);
      if (current !== session && decideRefresh(current.tokens, clock.now()) !== "expired") {
        return { kind: "renewed", session: current };
      }
      const key = `${current.id}:${current.generation}`;
      const flight = flights.get(key) ?? ask(current, log).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}

/** What became of a call to Google: `renewed`, or the one thing that stood in its way. */
function wordFor({ kind }: RefreshOutcome, answer: TokenAnswer): string {
  if (kind !== "unavailable") return kind;
  return answer.kind === "granted" ? "id_token_invalid" : answer.kind;
}

function obstacleOf(answer: TokenAnswer): RefreshObstacle {
  if (answer.kind !== "forbidden") return "unreachable";
  return answer.error === "org_internal" ? "org_internal" : "admin_policy";
}

/** How many access tokens before the last are remembered, for the dashboard to show. */
const HISTORY = 4;

/** The session after a refresh (RFC 6749 section 6): what Google didn't send stays as it was. */
function withTokens(session: Session, granted: GrantedTokens): Session {
  const { issuedAt, issuedBefore } = session.tokens;
  return {
    ...session,
    generation: session.generation + 1,
    tokens: {
      accessToken: granted.accessToken,
      issuedAt: granted.issuedAt,
      issuedBefore: [...issuedBefore, issuedAt].slice(-HISTORY),
      expiresAt: granted.expiresAt,
      refreshToken: granted.refreshToken ?? session.tokens.refreshToken,
      refreshExpiresAt: granted.refreshExpiresAt ?? session.tokens.refreshExpiresAt,
      scopes: granted.scopes ?? session.tokens.scopes,
    },
  };
}

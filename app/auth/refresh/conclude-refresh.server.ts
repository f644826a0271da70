import type { BoundedMap } from "../../config/bounded-map";
import type { Clock } from "../../config/clock.server";
import type { Log } from "../../config/log.server";
import type { Google } from "../../google/google.server";
import type { GrantedTokens, TokenAnswer } from "../../google/token-answer.server";
import type { EndReason } from "../../session/end-reason";
import type { EndedSessions } from "../../session/ended-sessions.server";
import type { Session } from "../../session/session.server";
import type { RefreshObstacle, RefreshOutcome } from "./refresh-outcome";
import type { RefreshPauses } from "./refresh-pauses.server";
import type { SharedRefresh } from "./turn";

/** `moved_on`: Google’s answer was about older tokens than the row has by now. */
export type Concluded = RefreshOutcome | { kind: "moved_on" };

export interface ConcludeParts {
  google: Pick<Google, "readRefreshedIdToken">;
  shared: SharedRefresh;
  ended: EndedSessions;
  clock: Clock;
  mayStay: (hostedDomain: string | null) => boolean;
  /** Sessions with the newest tokens that this process knows, by id. */
  newest: BoundedMap<string, Session>;
  pauses: RefreshPauses;
}

/** What becomes of a session by Google’s answer to its refresh. */
export function concludeRefreshes(parts: ConcludeParts) {
  const { google, shared, ended, clock, mayStay, newest, pauses } = parts;

  async function conclude(session: Session, answer: TokenAnswer, log: Log): Promise<Concluded> {
    switch (answer.kind) {
      case "granted":
        return accept(session, answer.tokens, log);
      case "grant_dead":
        return endDead(session, answer.reason, log);
      case "misconfigured":
      case "forbidden":
        // Ours or an administrator’s to mend. Nobody is signed out for it, but somebody has to know.
        log.error("token_refresh_refused", { cause: answer.error, alarm: true });
        return fail(session, log, answer.error, null, obstacleOf(answer));
      case "unavailable":
        return fail(session, log, answer.cause, answer.retryAfterMs);
    }
  }

  /** New tokens may be the only ones that work: they are published before anything else can fail. */
  async function accept(
    session: Session,
    granted: GrantedTokens,
    log: Log,
  ): Promise<RefreshOutcome> {
    const said = await google.readRefreshedIdToken(granted.idToken, session.user.id);
    if (said.kind === "somebody_else") {
      return endForGood(session, log, "grant_revoked", `id_token_${said.flaw}`);
    }
    if (said.kind === "unreadable") log.warn("id_token_unchecked", { cause: said.flaw });
    // A sign-out that came while Google was thinking is final.
    if (ended.reasonOf(session)) return { kind: "already_ended" };
    const hostedDomain = said.kind === "same" ? said.hostedDomain : null;
    const renewed = withTokens(session, granted, hostedDomain);
    const published = await shared.publish(session, renewed);
    if (published.kind === "ended") {
      ended.add(session.id, published.reason, clock.now());
      return { kind: "already_ended" };
    }
    const current = published.kind === "newer" ? published.session : renewed;
    // Google may have said just now that the account has changed its domain.
    if (!mayStay(current.user.hostedDomain)) return endForGood(current, log, "not_allowed");
    newest.set(session.id, current);
    pauses.forget(session);
    log.info("authn_token_created", { outcome: "refreshed", generation: current.generation });
    return { kind: "renewed", session: current };
  }

  async function endDead(session: Session, reason: EndReason, log: Log): Promise<Concluded> {
    const became = await shared.endDead(session, reason);
    if (became === "moved_on") return { kind: became };
    // Nobody can say whether newer ones are: whoever is told next decides.
    if (became === "unknown") return fail(session, log, "grant_dead_unconfirmed", null);
    return noteOwnEnd(session, log, reason);
  }

  async function endForGood(
    session: Session,
    log: Log,
    reason: EndReason,
    cause?: string,
  ): Promise<RefreshOutcome> {
    const outcome = noteOwnEnd(session, log, reason, cause);
    if (outcome.kind === "ended") await shared.end(session, reason);
    return outcome;
  }

  function noteOwnEnd(
    session: Session,
    log: Log,
    reason: EndReason,
    cause?: string,
  ): RefreshOutcome {
    if (ended.reasonOf(session)) return { kind: "already_ended" };
    ended.add(session.id, reason, clock.now());
    newest.delete(session.id);
    pauses.forget(session);
    log.warn("session_expired", { reason, cause });
    return { kind: "ended", reason };
  }

  function fail(
    session: Session,
    log: Log,
    cause: string,
    retryAfterMs: number | null,
    obstacle: RefreshObstacle = "unreachable",
  ): RefreshOutcome {
    const rest = pauses.rest(session, { retryAfterMs, obstacle });
    log.warn("token_refresh_failed", { cause, live: rest.live, failures: rest.failures });
    return { kind: "unavailable", retryAfterMs: rest.retryAfterMs, obstacle };
  }

  return { conclude, endForGood };
}

function obstacleOf(answer: TokenAnswer): RefreshObstacle {
  if (answer.kind !== "forbidden") return "unreachable";
  return answer.error === "org_internal" ? "org_internal" : "admin_policy";
}

/** How many access tokens before the last are remembered, for the dashboard to show. */
const HISTORY = 4;

/**
 * The session after a refresh (RFC 6749 section 6): what Google didn’t send stays as it was.
 *
 * @param hostedDomain as Google names it now; null where it didn’t.
 */
function withTokens(
  session: Session,
  granted: GrantedTokens,
  hostedDomain: string | null,
): Session {
  const { user, tokens } = session;
  return {
    ...session,
    generation: session.generation + 1,
    user: { ...user, hostedDomain: hostedDomain ?? user.hostedDomain },
    tokens: {
      accessToken: granted.accessToken,
      issuedAt: granted.issuedAt,
      issuedBefore: [...tokens.issuedBefore, tokens.issuedAt].slice(-HISTORY),
      expiresAt: granted.expiresAt,
      refreshToken: granted.refreshToken ?? tokens.refreshToken,
      refreshExpiresAt: granted.refreshExpiresAt ?? tokens.refreshExpiresAt,
      scopes: granted.scopes ?? tokens.scopes,
    },
  };
}

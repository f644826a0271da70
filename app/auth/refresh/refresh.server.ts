import { BoundedMap } from "../../config/bounded-map";
import type { Clock } from "../../config/clock.server";
import type { Log } from "../../config/log.server";
import type { Random } from "../../config/random.server";
import type { Google } from "../../google/google.server";
import type { EndReason } from "../../session/end-reason";
import type { EndedSessions } from "../../session/ended-sessions.server";
import { isNewer, type Session } from "../../session/session.server";
import { concludeRefreshes } from "./conclude-refresh.server";
import { decideRefresh } from "./decide-refresh.server";
import type { RefreshOutcome } from "./refresh-outcome";
import { createRefreshPauses } from "./refresh-pauses.server";
import type { Elsewhere, OurTurn, SharedRefresh } from "./turn";

/** Renews sessions' tokens: once each, however many ask. Never throws. */
export interface Refresher {
  /** @param log of the request that asks; it tells what becomes of a call that this request began. */
  refresh(session: Session, log: Log): Promise<RefreshOutcome>;
  /** Asks the session’s row whether it has ended, with no call to Google. */
  look(session: Session, log: Log): Promise<RefreshOutcome>;
  /** How many calls are under way. */
  readonly underWay: number;
  /** Whether all calls rest because too many have failed. */
  readonly resting: boolean;
}

export interface RefresherParts {
  google: Google;
  shared: SharedRefresh;
  ended: EndedSessions;
  clock: Clock;
  random: Random;
  /** Whether an account of this hosted domain may still be here: rules that change apply to who is in. */
  mayStay: (hostedDomain: string | null) => boolean;
}

const BUSY_RETRY_MS = 1000;

/** Sessions whose newest tokens this process remembers for requests that come late. */
const NEWEST_CAPACITY = 10_000;

export function createRefresher(parts: RefresherParts): Refresher {
  const { google, shared, ended, clock, random, mayStay } = parts;
  const flights = new Map<string, Promise<RefreshOutcome>>();
  const newest = new BoundedMap<string, Session>(NEWEST_CAPACITY);
  const pauses = createRefreshPauses({ clock, random });
  const { conclude, endForGood } = concludeRefreshes({ ...parts, newest, pauses });

  /**
   * The newest that is known of a session: a late tab, a lost answer or an overtaken cookie brings
   * older tokens, of which the refresh token may be good no more.
   */
  function newestOf(session: Session): Session {
    const known = newest.get(session.id);
    return known && isNewer(known, session) ? known : session;
  }

  async function ask(session: Session, log: Log): Promise<RefreshOutcome> {
    if (!mayStay(session.user.hostedDomain)) return endForGood(session, log, "not_allowed");
    const waitMs = pauses.waitMs(session);
    const turn = waitMs > 0 ? await shared.look(session) : await shared.takeTurn(session);
    return turn.kind === "ours" ? askGoogle(turn, log) : follow(session, turn, waitMs, log);
  }

  /** Goes by what others have done. */
  function follow(
    session: Session,
    turn: Elsewhere,
    waitMs: number,
    log: Log,
  ): Promise<RefreshOutcome> | RefreshOutcome {
    switch (turn.kind) {
      case "newer":
        newest.set(session.id, turn.session);
        return decideRefresh(turn.session.tokens, clock.now()) === "expired"
          ? ask(turn.session, log)
          : { kind: "renewed", session: turn.session };
      case "ended":
        return noteEnd(session, turn.reason, log);
      case "busy":
        return {
          kind: "unavailable",
          retryAfterMs: waitMs || BUSY_RETRY_MS,
          obstacle: pauses.obstacleOf(session),
        };
    }
  }

  /** An end that the row has told of. */
  function noteEnd(session: Session, reason: EndReason, log: Log): RefreshOutcome {
    ended.add(session.id, reason, clock.now());
    // A row that isn’t there means a database that was lost or put back: somebody has to know.
    if (reason === "unknown_session") log.error("session_unknown", { alarm: true });
    else log.warn("session_use_after_expire", { reason });
    return { kind: "ended", reason };
  }

  async function askGoogle({ session, claim, until }: OurTurn, log: Log): Promise<RefreshOutcome> {
    const startedAt = clock.now();
    const answer = await google.refreshTokens(session.tokens.refreshToken, {
      deadlineMs: until - startedAt,
      mayRetry(failure) {
        pauses.noteAnswer(session, failure, startedAt);
        return !pauses.open;
      },
    });
    pauses.noteAnswer(session, answer, startedAt);
    const concluded = await conclude(session, answer, log);
    // Google’s answer was about older tokens than those that are there by now: the next try has them.
    const outcome =
      concluded.kind === "moved_on"
        ? await follow(session, await shared.look(session), 0, log)
        : concluded;
    log.debug("token_refresh_finished", {
      outcome: outcome.kind === "unavailable" ? answer.kind : outcome.kind,
      durationMs: clock.now() - startedAt,
    });
    if (claim && outcome.kind === "unavailable") await shared.giveBack(claim);
    return outcome;
  }

  return {
    get underWay() {
      return flights.size;
    },
    get resting() {
      return pauses.open;
    },
    async refresh(session, log) {
      if (ended.reasonOf(session)) return { kind: "already_ended" };
      const current = newestOf(session);
      if (current !== session && decideRefresh(current.tokens, clock.now()) !== "expired") {
        return { kind: "renewed", session: current };
      }
      const key = `${current.id}:${current.generation}`;
      const flight = flights.get(key) ?? ask(current, log).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
    async look(session, log) {
      return follow(session, await shared.look(session), 0, log);
    },
  };
}

import { BoundedMap } from "../../config/bounded-map";
import type { Clock } from "../../config/clock.server";
import { type Random, randomFraction } from "../../config/random.server";
import { concernsEverybody, type TokenAnswer } from "../../google/token-answer.server";
import type { Session } from "../../session/session.server";
import { type BackOff, nextBackOff, pauseLeft } from "./back-off.server";
import { createCircuitBreaker } from "./circuit-breaker.server";
import { decideRefresh } from "./decide-refresh.server";
import type { RefreshObstacle } from "./refresh-outcome";

/** When Google isn’t asked: one session rests after a failure, all of them while it fails for everybody. */
export interface RefreshPauses {
  /** What is left of the session’s pause, in ms; 0 lets its call go ahead. */
  waitMs(session: Session): number;
  /** What stood in its way the last time. */
  obstacleOf(session: Session): RefreshObstacle;
  /** Learns from an answer whether Google is well. */
  noteAnswer(session: Session, answer: TokenAnswer, startedAt: number): void;
  /**
   * Lets the session rest after a failure, for as long as Google asked at least.
   *
   * @returns the pause in ms, how often it has failed in a row, and whether its token still works.
   */
  rest(
    session: Session,
    failure: { retryAfterMs: number | null; obstacle: RefreshObstacle },
  ): { retryAfterMs: number; failures: number; live: boolean };
  /** It was renewed, or has ended. */
  forget(session: Session): void;
  /** Whether all calls rest. */
  readonly open: boolean;
}

/** Sessions whose last failure this process remembers. */
const CAPACITY = 10_000;
/** Nobody is told to come back sooner. */
const SHORTEST_MS = 1000;

export function createRefreshPauses(parts: { clock: Clock; random: Random }): RefreshPauses {
  const { clock, random } = parts;
  const backOffs = new BoundedMap<string, BackOff & { obstacle: RefreshObstacle }>(CAPACITY);
  const breaker = createCircuitBreaker();

  return {
    get open() {
      return breaker.open;
    },
    waitMs({ id, user }) {
      const now = clock.now();
      return pauseLeft(backOffs.get(id), now) || breaker.waitMs(user.id, now);
    },
    obstacleOf: ({ id }) => backOffs.get(id)?.obstacle ?? "unreachable",
    noteAnswer({ user }, answer, startedAt) {
      if (concernsEverybody(answer)) {
        const now = clock.now();
        breaker.failed({ who: user.id, startedAt, now, random: randomFraction(random) });
      } else if (answer.kind !== "unavailable" && answer.kind !== "misconfigured") {
        // What is one account’s affair shows that Google is well; the others say nothing.
        breaker.succeeded();
      }
    },
    rest({ id, tokens }, { retryAfterMs, obstacle }) {
      const now = clock.now();
      const live = decideRefresh(tokens, now) !== "expired";
      const failure = { now, live, retryAfterMs, random: randomFraction(random) };
      const backOff = nextBackOff(backOffs.get(id), failure);
      backOffs.set(id, { ...backOff, obstacle });
      const pause = Math.max(backOff.until - now, SHORTEST_MS);
      return { retryAfterMs: pause, failures: backOff.failures, live };
    },
    forget: ({ id }) => backOffs.delete(id),
  };
}

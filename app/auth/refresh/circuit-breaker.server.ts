import { BoundedMap } from "../../config/bounded-map";

/**
 * Spares Google, and ourselves, while refreshes fail for everybody (PF-18): after failures of many
 * people in a row all calls stop for a while, then a single one tries whether things are better.
 *
 * What concerns one account must never rest the others (FE-13). So people are counted, not calls, and
 * whoever has tried in vain lets others try first: their trouble may be their own.
 */
export interface CircuitBreaker {
  /** How long this person’s call has to wait, in ms; 0 lets it go ahead. */
  waitMs(who: string, now: number): number;
  succeeded(): void;
  /**
   * A person’s call that was made at `startedAt` has failed, by something that may concern everybody. Of
   * many that were under way together, only the first ones count: the others say nothing new about Google.
   */
  failed(call: { who: string; startedAt: number; now: number; random: number }): void;
  readonly open: boolean;
}

const PEOPLE_TO_OPEN = 10;
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 30_000;
/** How long others come first. As much again, so that somebody who is alone tries each minute. */
const PRECEDENCE_MS = 30_000;
const TRIED_CAPACITY = 100;

export function createCircuitBreaker(): CircuitBreaker {
  /** Whose calls have failed since the last one that succeeded. */
  let people = new Set<string>();
  /** Who has tried since then. */
  let tried = new BoundedMap<string, true>(TRIED_CAPACITY);
  let failedTries = 0;
  let closedUntil = 0;
  let pausedAt = Number.NEGATIVE_INFINITY;
  const isOpen = () => people.size >= PEOPLE_TO_OPEN;

  return {
    get open() {
      return isOpen();
    },
    waitMs(who, now) {
      if (!isOpen()) return 0;
      const precedenceMs = tried.get(who) ? PRECEDENCE_MS : 0;
      const left = closedUntil + precedenceMs - now;
      // More than any pause: the clock was set back, and the pause’s end says nothing (PF-17).
      if (left > 0 && left <= LONGEST_PAUSE_MS + precedenceMs) return left;
      // This call is the one that tries; others wait for what becomes of it.
      tried.set(who, true);
      closedUntil = now + FIRST_PAUSE_MS;
      return 0;
    },
    succeeded() {
      people = new Set();
      tried = new BoundedMap(TRIED_CAPACITY);
      failedTries = 0;
      closedUntil = 0;
      pausedAt = Number.NEGATIVE_INFINITY;
    },
    failed({ who, startedAt, now, random }) {
      if (startedAt <= pausedAt) return;
      if (isOpen()) failedTries += 1;
      else people.add(who);
      if (!isOpen()) return;
      pausedAt = now;
      const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failedTries);
      closedUntil = now + full / 2 + (full / 2) * random;
    },
  };
}

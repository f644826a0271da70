/**
 * Spares Google, and ourselves, while refreshes fail for everybody (PF-18): after a row of failures
 * all calls stop for a while, then a single one tries whether things are better.
 */
export interface CircuitBreaker {
  /** How long to wait, in ms; 0 lets the call go ahead. */
  waitMs(now: number): number;
  succeeded(): void;
  /**
   * A call that was made at `startedAt` has failed. Of many that were under way together, only the
   * first ones count: the others say nothing new about Google.
   */
  failed(call: { startedAt: number; now: number; random: number }): void;
  readonly open: boolean;
}

const FAILURES_TO_OPEN = 10;
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 30_000;

export function createCircuitBreaker(): CircuitBreaker {
  let failures = 0;
  let closedUntil = 0;
  let pausedAt = Number.NEGATIVE_INFINITY;

  return {
    get open() {
      return failures >= FAILURES_TO_OPEN;
    },
    waitMs(now) {
      if (failures < FAILURES_TO_OPEN) return 0;
      const left = closedUntil - now;
      // More than any pause: the clock was set back, and the pause's end says nothing (PF-17).
      if (left > 0 && left <= LONGEST_PAUSE_MS) return left;
      // This call is the probe; others wait for what becomes of it.
      closedUntil = now + FIRST_PAUSE_MS;
      return 0;
    },
    succeeded() {
      failures = 0;
      closedUntil = 0;
      pausedAt = Number.NEGATIVE_INFINITY;
    },
    failed({ startedAt, now, random }) {
      if (startedAt <= pausedAt) return;
      failures += 1;
      if (failures < FAILURES_TO_OPEN) return;
      pausedAt = now;
      const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - FAILURES_TO_OPEN));
      closedUntil = now + full / 2 + (full / 2) * random;
    },
  };
}

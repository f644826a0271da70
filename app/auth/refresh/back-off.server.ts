/** How often refreshes of one session have failed in a row, and until when none is tried. */
export interface BackOff {
  failures: number;
  until: number;
}

const LIVE_FIRST_MS = 10_000;
const EXPIRED_FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * The pause after a failed refresh.
 *
 * While the old token lives nobody waits, so there is time: 10 s, doubling to a minute. With an
 * expired one a person may be looking at a gap: the first new try is free, then 1 s, 2 s, 4 s …
 * Half of each pause is jitter, so that sessions which fail together don’t return together.
 *
 * @param random in [0, 1).
 * @param retryAfterMs what Google asked for; it is never undercut.
 */
export function nextBackOff(
  previous: BackOff | undefined,
  failure: { now: number; live: boolean; retryAfterMs: number | null; random: number },
): BackOff {
  const failures = (previous?.failures ?? 0) + 1;
  const exponent = failure.live ? failures - 1 : failures - 2;
  const first = failure.live ? LIVE_FIRST_MS : EXPIRED_FIRST_MS;
  const full = exponent < 0 ? 0 : Math.min(LONGEST_MS, first * 2 ** exponent);
  const pause = Math.max(failure.retryAfterMs ?? 0, full / 2 + (full / 2) * failure.random);
  return { failures, until: failure.now + Math.min(pause, LONGEST_RETRY_AFTER_MS) };
}

/** A `Retry-After` of hours would be somebody’s mistake that we then make ours. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * What is left of the pause, in ms; 0 when it is over. A longer rest than any pause has means that
 * the clock was set back: its end says nothing any more (PF-17).
 */
export function pauseLeft(backOff: BackOff | undefined, now: number): number {
  const left = (backOff?.until ?? 0) - now;
  return left > 0 && left <= LONGEST_RETRY_AFTER_MS ? left : 0;
}

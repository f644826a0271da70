import type { Watch } from "./session-state";

/** How often a page asks by itself, unless told otherwise. */
export const INTERVAL_MS = 5 * 60_000;

const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 5 * 60_000;
/** Nothing is asked by itself more often than this, whatever the server says of its times. */
const LEAST_MS = 1000;
/** `setTimeout` fires at once for anything longer (CS-05). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * When to ask next if nothing happens before: after the interval; when the end comes near, to announce
 * it, and just after it; sooner after a failed read, each time twice as long.
 *
 * @param jitter from 0 to below 1, so that many browsers don’t ask at one moment.
 * @returns ms by this browser’s clock, above `watch.triedAt` in any case.
 */
export function nextReadAt(
  { known, triedAt, failures }: Watch,
  { intervalMs, noticeMs }: { intervalMs: number; noticeMs: number },
  jitter: number,
): number {
  if (failures > 0) {
    const pause = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
    return triedAt + pause * (0.5 + jitter / 2);
  }
  const turns = [triedAt + intervalMs * (0.9 + jitter / 5)];
  if (known.status === "authenticated") {
    turns.push(known.endsAt - noticeMs, known.endsAt + LEAST_MS);
  }
  return Math.max(triedAt + LEAST_MS, Math.min(...turns.filter((turn) => turn > triedAt)));
}

/** How long to set a timer for something due at `dueAt`; a long wait takes several timers in a row. */
export function timerMs(dueAt: number, now: number): number {
  return Math.min(Math.max(0, dueAt - now), LONGEST_TIMER_MS);
}

/** So many at once, and then one more every so many ms. */
export interface Rate {
  burst: number;
  everyMs: number;
}

/**
 * What is left of an allowance, as one moment in ms: when all of it is there again. In the past it is
 * whole. Known as the generic cell rate algorithm, which needs no more than this (ITU-T I.371).
 */
export type FullAt = number;

export type Taken =
  | { kind: "taken"; fullAt: FullAt }
  /** `waitMs`: until there is one again. */
  | { kind: "exhausted"; fullAt: FullAt; waitMs: number };

const MINUTE_MS = 60_000;

/** A minute’s worth at once, refilled evenly. It can’t refill faster than one a millisecond. */
export function perMinute(count: number): Rate {
  return { burst: count, everyMs: Math.max(1, Math.floor(MINUTE_MS / count)) };
}

/**
 * What `fullAt` has to be, in words that a database understands too.
 *
 * @returns `exhaustedAfter`: with a later one nothing is left now. `notAfter`: a later one was not
 *   written by a clock like ours, which was set back since, and says nothing. Processes' clocks may
 *   differ by as much as the allowance needs to refill.
 */
export function limitsOf(rate: Rate, now: number): { exhaustedAfter: number; notAfter: number } {
  const wholeMs = rate.burst * rate.everyMs;
  return { exhaustedAfter: now + wholeMs - rate.everyMs, notAfter: now + 2 * wholeMs };
}

/** Takes one from an allowance; `undefined` is a whole one. */
export function takeOne(fullAt: FullAt | undefined, rate: Rate, now: number): Taken {
  const { exhaustedAfter, notAfter } = limitsOf(rate, now);
  const known = fullAt !== undefined && fullAt > now && fullAt <= notAfter ? fullAt : now;
  if (known <= exhaustedAfter) return { kind: "taken", fullAt: known + rate.everyMs };
  return { kind: "exhausted", fullAt: known, waitMs: known - exhaustedAfter };
}

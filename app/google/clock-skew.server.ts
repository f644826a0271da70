import type { Log } from "../config/log.server";
import type { Http } from "./http.server";

/** ID tokens tolerate five minutes; an operator should hear well before that. */
const WARN_MS = 60_000;
const WARN_EVERY_MS = 3_600_000;
/** How much a new sample counts: one slow answer shall not look like a wrong clock. */
const WEIGHT = 0.25;

/**
 * `fetch`, with an eye on how far this machine’s clock is from Google’s: their `Date` headers feed
 * a running estimate, and a large one is warned about, once an hour.
 *
 * Nothing is corrected by it: lives of tokens are counted from the start of a request by our own
 * clock, which is right however wrong that clock is (TR-02).
 */
export function watchClockSkew({
  fetch,
  clock,
  log,
}: Http & { log: Log }): typeof globalThis.fetch {
  let estimate: number | null = null;
  let warnedAt = Number.NEGATIVE_INFINITY;

  return async (input, init) => {
    const startedAt = clock.now();
    const response = await fetch(input, init);
    const now = clock.now();
    const sample = skewSample(response.headers.get("Date"), startedAt, now);
    if (sample === null) return response;
    estimate = estimate === null ? sample : estimate + WEIGHT * (sample - estimate);
    if (Math.abs(estimate) >= WARN_MS && now - warnedAt >= WARN_EVERY_MS) {
      warnedAt = now;
      log.warn("clock_skew", { skewMs: Math.round(estimate), alarm: true });
    }
    return response;
  };
}

/**
 * Our clock minus theirs in ms, or null without a usable `Date`. The header has whole seconds, cut
 * off, so that on average it is half a second behind; it was written about halfway between.
 */
export function skewSample(
  date: string | null,
  startedAt: number,
  answeredAt: number,
): number | null {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(theirs) ? null : (startedAt + answeredAt) / 2 - (theirs + 500);
}

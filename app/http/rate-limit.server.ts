import type { MiddlewareHandler } from "hono";
import { BoundedMap } from "../config/bounded-map";
import type { Clock } from "../config/clock.server";
import { addressOf } from "./client-address.server";
import type { PipelineEnv } from "./pipeline-env";
import { plainPage } from "./plain-page.server";

/** How many more are allowed now, as of a moment. */
export interface Allowance {
  left: number;
  at: number;
}

const MINUTE_MS = 60_000;
/** An entry is some 100 bytes; the address that has been quiet longest goes first. */
const ADDRESSES = 50_000;

/**
 * Takes one from an allowance that refills evenly to `perMinute`.
 *
 * @returns the allowance that is left, and the ms until the next one is there: 0 means go ahead.
 */
export function takeOne(
  previous: Allowance | undefined,
  perMinute: number,
  now: number,
): { allowance: Allowance; waitMs: number } {
  const refilled = previous ? ((now - previous.at) / MINUTE_MS) * perMinute : perMinute;
  const left = Math.min(perMinute, (previous?.left ?? 0) + Math.max(0, refilled));
  if (left >= 1) return { allowance: { left: left - 1, at: now }, waitMs: 0 };
  return {
    allowance: { left, at: now },
    waitMs: Math.ceil(((1 - left) * MINUTE_MS) / perMinute),
  };
}

/**
 * Limits how often one client address starts or finishes a sign-in (SF-30). Each of the two has an
 * allowance of its own; nobody is locked out by somebody else's haste.
 */
export function signInRateLimit(
  limits: { signInRatePerMinute: number; trustedProxyHops: number },
  clock: Clock,
): MiddlewareHandler<PipelineEnv> {
  const allowances = new BoundedMap<string, Allowance>(ADDRESSES);
  const { signInRatePerMinute: perMinute, trustedProxyHops } = limits;
  return async (context, next) => {
    if (perMinute === 0) return next();
    const key = `${context.req.path} ${addressOf(context, trustedProxyHops)}`;
    const { allowance, waitMs } = takeOne(allowances.get(key), perMinute, clock.now());
    allowances.set(key, allowance);
    if (waitMs === 0) return next();
    context.get("log").warn("excess_rate_limit_exceeded");
    return plainPage(context, 429, {
      title: "Too many attempts",
      message: "Please wait a minute, then sign in again.",
      next: { label: "Back to sign-in", to: "/login?error=rate_limited" },
      headers: { "Retry-After": String(Math.ceil(waitMs / 1000)) },
    });
  };
}

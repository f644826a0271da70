import type { MiddlewareHandler } from "hono";
import { retryAfterHeader } from "../auth/access/google-unavailable.server";
import type { Limited, RateLimiter } from "../auth/access/rate-limiter.server";
import type { PipelineEnv } from "./pipeline-env";
import { plainPage } from "./plain-page.server";

/**
 * Which step of a sign-in a request is, however its address is spelt: Remix’s router takes paths in
 * any case, encoded, with a slash at the end, and its own requests for data end in `.data`.
 */
export function signInStep(method: string, pathname: string): Limited | null {
  const path = decodeURIComponent(pathname)
    .toLowerCase()
    .replace(/\.data$/, "")
    .replace(/\/$/, "");
  if (path === "/auth/google/callback") return "sign_in_callback";
  return path === "/auth/google" && method !== "GET" && method !== "HEAD" ? "sign_in_start" : null;
}

/** Limits how often one client address starts or finishes a sign-in (SF-30). */
export function signInRateLimit(limiter: RateLimiter): MiddlewareHandler<PipelineEnv> {
  return async (context, next) => {
    const step = signInStep(context.req.method, new URL(context.req.url).pathname);
    if (step === null) return next();
    const permit = await limiter.take(step, context.get("clientAddress"));
    if (permit.kind === "allowed") return next();
    context.get("log").warn("excess_rate_limit_exceeded", { limited: step });
    return plainPage(context, 429, {
      title: "Too many attempts",
      message: "Please wait a minute, then sign in again.",
      next: { label: "Back to sign-in", to: "/login?error=rate_limited" },
      headers: retryAfterHeader(permit.waitMs),
    });
  };
}

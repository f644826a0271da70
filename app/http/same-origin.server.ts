import type { MiddlewareHandler } from "hono";
import type { PipelineEnv } from "./pipeline-env";
import { START_PAGE } from "./plain-page.server";
import { refuse } from "./refusal.server";

/** RFC 9110 9.2.1. */
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Google posts security events here, from no page: what it posts is signed. Only this address as it
 * is written, so that no query or `.data` reaches another route behind it.
 */
export const SECURITY_EVENTS_PATH = "/auth/google/events";

export interface OriginEvidence {
  method: string;
  secFetchSite: string | null;
  origin: string | null;
}

/**
 * Whether a request may change something: it has to come from a page of this app.
 *
 * `Sec-Fetch-Site` decides where the browser sends it (`none` is the person’s own doing, such as a
 * reload); else `Origin` must be the configured one. Neither is a refusal (OWASP CSRF cheat sheet).
 * A sibling domain’s `same-site` is as foreign as any other.
 */
export function isSameOrigin(evidence: OriginEvidence, appOrigin: string): boolean {
  if (SAFE_METHODS.has(evidence.method)) return true;
  const site = evidence.secFetchSite;
  if (site !== null) return site === "same-origin" || site === "none";
  return evidence.origin === appOrigin;
}

/** Refuses unsafe methods from elsewhere, on every kind of address, before anything is read. */
export function sameOriginGate(appOrigin: string): MiddlewareHandler<PipelineEnv> {
  return async (context, next) => {
    const { req } = context;
    const { pathname, search } = new URL(req.url);
    if (req.method === "POST" && pathname + search === SECURITY_EVENTS_PATH) return next();
    const evidence = {
      method: req.method,
      secFetchSite: req.header("Sec-Fetch-Site") ?? null,
      origin: req.header("Origin") ?? null,
    };
    if (isSameOrigin(evidence, appOrigin)) return next();
    context.get("log").warn("malicious_csrf");
    return refuse(context, 403, "cross_site", {
      title: "This request was refused",
      message: "It came from another site, or your browser didn’t say where it came from.",
      next: START_PAGE,
    });
  };
}

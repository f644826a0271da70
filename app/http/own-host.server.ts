import type { Context, MiddlewareHandler } from "hono";
import { parseUrl } from "../config/parse-url";
import { METRICS_PATH } from "./access-log.server";
import { CSP_REPORTS_PATH } from "./csp-reports.server";
import { saidByProxy } from "./forwarded.server";
import { START_PAGE } from "./plain-page.server";
import { HEALTH_PATHS, isApi, isPageRead, leadToOrigin } from "./public-address.server";
import { refuse } from "./refusal.server";
import { pathFault } from "./request-budget.server";
import { SECURITY_EVENTS_PATH } from "./same-origin.server";

interface Place {
  appOrigin: string;
  trustedProxyHops: number;
  metricsToken: string | null;
}

/** A name or an IP address, with or without a port. */
const HOST = /^(?:\[[\da-f:.]+\]|[^\s:/?#@\\[\]]+)(?::\d*)?$/i;
/** What programs post to, who wouldn’t follow. */
const FOR_PROGRAMS = new Set([SECURITY_EVENTS_PATH, CSP_REPORTS_PATH]);

/**
 * Whether the browser is at the app’s own host. To it `www.…`, `127.0.0.1` and a name with a dot at its
 * end are others, with cookies of their own: a sign-in that begins there can’t end here.
 *
 * The port doesn’t count. All ports of a host share its cookies (RFC 6265 8.5), and proxies drop it or
 * put theirs in its place.
 */
function isOwnHost(context: Context, { appOrigin, trustedProxyHops }: Place): boolean {
  const own = new URL(appOrigin).hostname;
  const forwarded = saidByProxy(context.req.header("X-Forwarded-Host"), trustedProxyHops);
  if (forwarded === null) return new URL(context.req.url).hostname === own;
  return HOST.test(forwarded) && hostnameOf(forwarded) === own;
}

function hostnameOf(host: string): string | null {
  return parseUrl(`http://${host}`)?.hostname ?? null;
}

/**
 * At another host than the app’s own, pages lead to the same address at `APP_ORIGIN`, a sign-in to its
 * sign-in page, and any other form to its page. What programs ask for is refused (421, RFC 9110
 * 15.5.20): theirs is the wrong address, which a redirect would hide. Nothing of a session is read,
 * nothing is done, and no cookie is set. Health and metrics are answered at any host.
 */
export function ownHostOnly(place: Place): MiddlewareHandler {
  const { appOrigin, metricsToken } = place;
  return async (context, next) => {
    const { pathname } = new URL(context.req.url);
    if (HEALTH_PATHS.has(pathname) || (metricsToken !== null && pathname === METRICS_PATH)) {
      return next();
    }
    // What is more than any address leads nowhere: the budget refuses it.
    const fault = pathFault(pathname);
    const isTooMuch = fault === "too_long" || fault === "nowhere";
    if (isOwnHost(context, place) || isTooMuch) return next();
    if (isPageRead(context)) return leadToOrigin(context, appOrigin, 308);
    context.header("Cache-Control", "no-store");
    if (pathname === "/auth/google") return context.redirect(`${appOrigin}/login`, 303);
    if (!isApi(pathname) && !FOR_PROGRAMS.has(pathname)) {
      return leadToOrigin(context, appOrigin, 303);
    }
    return refuse(context, 421, "other_host", {
      title: "This app has another address",
      message: "Nothing was done with what was sent.",
      next: { ...START_PAGE, to: `${appOrigin}/` },
    });
  };
}

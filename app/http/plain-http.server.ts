import type { Context, MiddlewareHandler } from "hono";
import { START_PAGE } from "./plain-page.server";
import { refuse } from "./refusal.server";

const READ_METHODS = new Set(["GET", "HEAD"]);
/** A proxy asks these of the process itself, over plain http. They set no cookie and tell no secret. */
const HEALTH_PATHS = new Set(["/healthz", "/readyz"]);

interface Transport {
  appOrigin: string;
  trustedProxyHops: number;
}

/**
 * Whether the client spoke plain http to our outermost proxy.
 *
 * Proxies append to `X-Forwarded-Proto` or overwrite it. The outermost one's word is the `hops`-th from
 * the right, or the first where fewer are left; what the client wrote itself stands left of it.
 * Without proxies of ours the header is made up.
 */
export function saysPlainHttp(forwardedProto: string | undefined, hops: number): boolean {
  if (hops === 0 || forwardedProto === undefined) return false;
  const seen = forwardedProto.split(",").map((proto) => proto.trim().toLowerCase());
  return (seen.at(-hops) ?? seen[0]) === "http";
}

/** Whether this request came over plain http to an app whose origin is https. */
export function isPlainHttp(context: Context, { appOrigin, trustedProxyHops }: Transport): boolean {
  const proto = context.req.header("X-Forwarded-Proto");
  return appOrigin.startsWith("https:") && saysPlainHttp(proto, trustedProxyHops);
}

/**
 * Over plain http pages lead to the same place over https, and everything else is refused: a client
 * that isn't a person's browser is to notice that it has sent its token or form in the clear, which a
 * redirect would hide (ASVS 4.1.2). Nothing of a session is read, and no cookie is set.
 */
export function httpsOnly(transport: Transport): MiddlewareHandler {
  const { appOrigin } = transport;
  return async (context, next) => {
    const { pathname, search } = new URL(context.req.url);
    if (!isPlainHttp(context, transport) || HEALTH_PATHS.has(pathname)) return next();
    const isPage = !pathname.startsWith("/api/") && pathname !== "/metrics";
    if (isPage && READ_METHODS.has(context.req.method)) {
      context.header("Cache-Control", "no-store");
      return context.redirect(appOrigin + pathname + search, 308);
    }
    return refuse(context, 403, "https_required", {
      title: "This address needs a secure connection",
      message: "Nothing was done with what was sent.",
      next: { ...START_PAGE, to: `${appOrigin}/` },
    });
  };
}

import type { Context, MiddlewareHandler } from "hono";
import { METRICS_PATH } from "./access-log.server";
import { saidByProxy } from "./forwarded.server";
import { START_PAGE } from "./plain-page.server";
import { HEALTH_PATHS, isPageRead, leadToOrigin } from "./public-address.server";
import { refuse } from "./refusal.server";

interface Transport {
  appOrigin: string;
  trustedProxyHops: number;
}

/** Whether the client spoke plain http to our outermost proxy. */
export function saysPlainHttp(forwardedProto: string | undefined, hops: number): boolean {
  return saidByProxy(forwardedProto, hops)?.toLowerCase() === "http";
}

/** Whether this request came over plain http to an app whose origin is https. */
export function isPlainHttp(context: Context, { appOrigin, trustedProxyHops }: Transport): boolean {
  const proto = context.req.header("X-Forwarded-Proto");
  return appOrigin.startsWith("https:") && saysPlainHttp(proto, trustedProxyHops);
}

/**
 * Over plain http pages lead to the same place over https, and everything else is refused: a client
 * that isn’t a person’s browser is to notice that it has sent its token or form in the clear, which a
 * redirect would hide (ASVS 4.1.2). Nothing of a session is read, and no cookie is set.
 */
export function httpsOnly(transport: Transport): MiddlewareHandler {
  const { appOrigin } = transport;
  return async (context, next) => {
    const { pathname } = new URL(context.req.url);
    if (!isPlainHttp(context, transport) || HEALTH_PATHS.has(pathname)) return next();
    if (isPageRead(context) && pathname !== METRICS_PATH) {
      return leadToOrigin(context, appOrigin, 308);
    }
    return refuse(context, 403, "https_required", {
      title: "This address needs a secure connection",
      message: "Nothing was done with what was sent.",
      next: { ...START_PAGE, to: `${appOrigin}/` },
    });
  };
}

import type { MiddlewareHandler } from "hono";
import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import { addressOf } from "./client-address.server";
import type { PipelineEnv } from "./pipeline-env";
import type { RouteOf } from "./route-pattern.server";

/** Where the metrics are read: no traffic of any person’s. */
export const METRICS_PATH = "/metrics";

/**
 * Finds out who asks, gives the request a log that carries what is known of it, and writes one line
 * when it is answered.
 * The query never gets there: a callback’s holds the code (LG-04).
 */
export function accessLog(parts: {
  log: Log;
  clock: Clock;
  trustedProxyHops: number;
  routeOf: RouteOf;
}): MiddlewareHandler<PipelineEnv> {
  const { log, clock, trustedProxyHops, routeOf } = parts;
  return async (context, next) => {
    const { req } = context;
    const startedAt = clock.now();
    const isPerson = req.path !== METRICS_PATH;
    const about = {
      requestId: context.get("requestId"),
      method: req.method,
      route: isPerson ? await routeOf(req.path) : METRICS_PATH,
      sourceIp: addressOf(context, trustedProxyHops),
    };
    context.set("clientAddress", about.sourceIp);
    context.set(
      "log",
      log.child(() => about),
    );
    await next();
    const { status, headers } = context.res;
    const answered = {
      status,
      durationMs: clock.now() - startedAt,
      cookieBytes: req.header("Cookie")?.length ?? 0,
      setCookieBytes: headers.getSetCookie().reduce((bytes, cookie) => bytes + cookie.length, 0),
      userAgent: req.header("User-Agent"),
      // A path that no route has is somebody’s mistake or probe, and worth reading.
      path: about.route === "*" ? req.path : undefined,
    };
    if (isPerson) context.get("log").info("http_request", answered);
    else context.get("log").debug("metrics_read", answered);
  };
}

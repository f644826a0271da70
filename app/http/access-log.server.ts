import type { MiddlewareHandler } from "hono";
import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import type { PipelineEnv } from "./pipeline-env";

/** One line a request, without the query: a callback's holds the code (LG-04). */
export function accessLog(log: Log, clock: Clock): MiddlewareHandler<PipelineEnv> {
  return async (context, next) => {
    const startedAt = clock.now();
    await next();
    log.info("http_request", {
      requestId: context.get("requestId"),
      method: context.req.method,
      route: context.req.path.slice(0, 200),
      status: context.res.status,
      durationMs: clock.now() - startedAt,
    });
  };
}

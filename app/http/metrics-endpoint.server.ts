import type { MiddlewareHandler } from "hono";
import type { Registry } from "prom-client";
import { sameSecret } from "../config/id-hash.server";
import type { PipelineEnv } from "./pipeline-env";

/** The metrics as Prometheus reads them, for whoever brings the token (ASVS 13.4.5). */
export function metricsEndpoint(metrics: Registry, token: string): MiddlewareHandler<PipelineEnv> {
  return async (context) => {
    const given = /^Bearer +(\S+)$/i.exec(context.req.header("Authorization") ?? "")?.[1] ?? "";
    if (!sameSecret(given, token)) {
      context.get("log").warn("authz_fail", { cause: "metrics_token" });
      return context.text("Unauthorized\n", 401, { "WWW-Authenticate": 'Bearer realm="metrics"' });
    }
    return context.body(await metrics.metrics(), 200, {
      "Content-Type": metrics.contentType,
      "Cache-Control": "no-store",
    });
  };
}

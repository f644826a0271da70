import type { ServerBuild } from "@remix-run/node";
import { Hono } from "hono";
import { requestId } from "hono/request-id";
import type { Registry } from "prom-client";
import { forwardToBackend } from "../auth/access/forward-to-backend.server";
import type { App, RequestContext } from "../auth/request-context.server";
import { requireUser } from "../auth/require-user.server";
import { randomId } from "../config/random.server";
import { cookiePolicy } from "../session/cookie-header.server";
import type { SessionParts } from "../session/request-session.server";
import { accessLog, METRICS_PATH } from "./access-log.server";
import { limitedBody } from "./body-limit.server";
import { boundedReport, CSP_REPORTS_PATH, cspReports } from "./csp-reports.server";
import { metricsEndpoint } from "./metrics-endpoint.server";
import { ownHostOnly } from "./own-host.server";
import type { PipelineEnv } from "./pipeline-env";
import { httpsOnly } from "./plain-http.server";
import { START_PAGE } from "./plain-page.server";
import { signInRateLimit } from "./rate-limit.server";
import { refuse } from "./refusal.server";
import { inRequestContext, remixStep } from "./remix-step.server";
import { requestBudget } from "./request-budget.server";
import { createRouteNames } from "./route-pattern.server";
import { sameOriginGate } from "./same-origin.server";
import { securityHeaders } from "./security-headers.server";
import { servedMethods } from "./served-methods.server";
import { staticFiles } from "./static-files.server";

export interface PipelineParts {
  app: App;
  sessionParts: Omit<SessionParts, "log">;
  metrics: Registry;
  loadServerBuild: () => Promise<ServerBuild>;
  /** Where the built browser files are; null where Vite serves them. */
  clientDirectory: string | null;
}

/** Everything that stands between the network and the routes, in order. */
export function createPipeline(parts: PipelineParts): Hono<PipelineEnv> {
  const { settings, clock, random, log } = parts.app;
  const pipeline = new Hono<PipelineEnv>();
  pipeline.use(requestId({ headerName: "", generator: () => randomId(random) }));
  const routeOf = createRouteNames(parts.loadServerBuild);
  const { trustedProxyHops } = settings;
  pipeline.use(accessLog({ log, clock, trustedProxyHops, routeOf }));
  pipeline.use(securityHeaders(settings, random));
  pipeline.use(httpsOnly(settings));
  pipeline.use(sameOriginGate(settings.appOrigin));
  pipeline.use(ownHostOnly(settings));
  pipeline.use(requestBudget(cookiePolicy(settings.appOrigin)));
  if (settings.metricsToken !== null) {
    pipeline.get(METRICS_PATH, metricsEndpoint(parts.metrics, settings.metricsToken));
  }
  const files = parts.clientDirectory === null ? null : staticFiles(parts.clientDirectory);
  if (files !== null) pipeline.get("*", files.serve);
  pipeline.use(
    servedMethods(parts.loadServerBuild, methodsBesideRemix(settings, files?.paths ?? [])),
  );
  pipeline.post(CSP_REPORTS_PATH, boundedReport, cspReports(clock));
  pipeline.use(signInRateLimit(parts.app.rateLimiter));
  // Before Remix, which would read a meaning into `.data` and `_routes` that is none of the backend’s.
  pipeline.all("/api/backend/*", inRequestContext(parts, forwardForUser));
  pipeline.use(limitedBody);
  pipeline.all("*", remixStep(parts));
  pipeline.onError((error, context) => {
    context.get("log").error("unexpected_error", { cause: error.name });
    return refuse(context, 500, "server_error", {
      title: "Something went wrong on our side",
      message: "It isn’t your fault. Please try again.",
      next: START_PAGE,
    });
  });
  return pipeline;
}

async function forwardForUser(request: Request, context: RequestContext): Promise<Response> {
  if (context.app.backend !== null) await requireUser({ request, context });
  return forwardToBackend(request, context);
}

function methodsBesideRemix(
  { metricsToken }: { metricsToken: string | null },
  files: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const readOnly = metricsToken === null ? files : [...files, METRICS_PATH];
  return new Map([
    [CSP_REPORTS_PATH, ["POST"]],
    ...readOnly.map((path): [string, string[]] => [path, ["GET", "HEAD"]]),
  ]);
}

import { fileURLToPath } from "node:url";
import type { ServerBuild } from "@remix-run/node";
import { Hono } from "hono";
import { requestId } from "hono/request-id";
import { createRefresher } from "./auth/refresh.server";
import { createTransactions } from "./auth/transaction.server";
import { type Clock, systemClock } from "./config/clock.server";
import { readEnvironment } from "./config/environment.server";
import { createLog, type Log } from "./config/log.server";
import { type Random, randomId, systemRandom } from "./config/random.server";
import { type Mode, readSettings, type Settings } from "./config/settings.server";
import { createGoogle } from "./google/google.server";
import { accessLog } from "./http/access-log.server";
import { listen, stopOnSignal } from "./http/listen.server";
import type { PipelineEnv } from "./http/pipeline.server";
import { plainPage } from "./http/plain-page.server";
import { signInRateLimit } from "./http/rate-limit.server";
import { remixStep } from "./http/remix-step.server";
import { sameOriginGate } from "./http/same-origin.server";
import { securityHeaders } from "./http/security-headers.server";
import { staticFiles } from "./http/static-files.server";
import { wellFormedPath } from "./http/well-formed-path.server";
import { cookiePolicy } from "./session/cookie-header.server";
import { createEndedSessions } from "./session/ended-sessions.server";
import { createLoginHints } from "./session/login-hint.server";
import { createSealer } from "./session/seal.server";
import { createSessionCookie } from "./session/session-cookie.server";

/** Everything that varies: the settings, and the world outside. */
export interface Outside {
  settings: Settings;
  clock: Clock;
  random: Random;
  fetch: typeof fetch;
  log: Log;
  loadServerBuild: () => Promise<ServerBuild>;
  /** Where the built browser files are; null where Vite serves them. */
  clientDirectory: string | null;
}

/** Puts the app together: `Request` in, `Response` out. */
export function createLatchkey(outside: Outside): Hono<PipelineEnv> {
  const { settings, clock, random, log, loadServerBuild } = outside;
  const policy = cookiePolicy(settings.appOrigin);
  const ended = createEndedSessions();
  const limits = { idleMs: settings.sessionIdleMs, absoluteMs: settings.sessionAbsoluteMs };
  const google = createGoogle({ fetch: outside.fetch, clock, random, log }, settings.google);
  const sessionSealer = createSealer("session", settings.sessionSecrets, random);
  const signInSealer = createSealer("sign-in", settings.sessionSecrets, random);
  const hintSealer = createSealer("login-hint", settings.sessionSecrets, random);
  const hints = createLoginHints(policy, hintSealer);
  const app = {
    settings,
    clock,
    random,
    log,
    google,
    limits,
    hints,
    refresher: createRefresher({ google, ended, clock, random, log }),
    transactions: createTransactions({ policy, sealer: signInSealer, clock, random }),
  };
  const cookie = createSessionCookie(policy, sessionSealer);
  const sessionParts = { cookie, hints, ended, limits, clock, log };

  const pipeline = new Hono<PipelineEnv>();
  pipeline.use(requestId({ headerName: "", generator: () => randomId(random) }));
  pipeline.use(accessLog(log, clock));
  pipeline.use(securityHeaders(settings, random));
  if (outside.clientDirectory !== null) pipeline.use(staticFiles(outside.clientDirectory));
  pipeline.use(wellFormedPath);
  pipeline.use(sameOriginGate(settings.appOrigin, log));
  const rateLimit = signInRateLimit(settings, clock, log);
  pipeline.post("/auth/google", rateLimit);
  pipeline.post("/auth/google.data", rateLimit);
  pipeline.get("/auth/google/callback", rateLimit);
  pipeline.all("*", remixStep({ app, sessionParts, loadServerBuild }));
  pipeline.onError((error, context) => {
    log.error("unexpected_error", { requestId: context.get("requestId"), cause: error.name });
    return plainPage(context, 500, {
      title: "Something went wrong on our side",
      message: "It isn't your fault. Please try again.",
      next: { label: "Go to the start page", to: "/" },
    });
  });
  return pipeline;
}

/** Remix's part of the app: routes, loaders and pages. */
export function loadRemixBuild(): Promise<ServerBuild> {
  return import("virtual:remix/server-build");
}

/** The app as this process's environment describes it, or the reason why it can't be. */
function fromEnvironment(mode: Mode, clientDirectory: string | null) {
  const read = readSettings(readEnvironment(), mode);
  if (!read.ok) return read;
  const { settings } = read;
  const log = createLog(settings.logLevel);
  const latchkey = createLatchkey({
    settings,
    log,
    clock: systemClock,
    random: systemRandom,
    fetch: globalThis.fetch,
    loadServerBuild: loadRemixBuild,
    clientDirectory,
  });
  return { ok: true as const, settings, log, latchkey };
}

async function start(): Promise<void> {
  const app = fromEnvironment("production", fileURLToPath(new URL("../client", import.meta.url)));
  if (!app.ok) {
    process.stderr.write(`${app.message}\n`);
    process.exit(1);
  }
  const listening = await listen(app.latchkey.fetch, app.settings);
  stopOnSignal(listening, app.log);
  app.log.info("sys_startup", { port: listening.port, origin: app.settings.appOrigin });
}

let development: ReturnType<typeof fromEnvironment> | undefined;

/** For Vite's dev server, which asks for it request by request. */
export default {
  fetch(request: Request): Response | Promise<Response> {
    development ??= fromEnvironment("development", null);
    return development.ok
      ? development.latchkey.fetch(request)
      : new Response(development.message, { status: 500 });
  },
};

const isMain = import.meta.env.PROD && process.argv[1] === fileURLToPath(import.meta.url);
if (isMain) await start();

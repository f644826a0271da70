import type { ServerBuild } from "@remix-run/node";
import type { Registry } from "prom-client";
import { createApiPauses } from "./auth/access/api-pauses.server";
import { createBearerUsers } from "./auth/access/bearer-user.server";
import { createRateLimiter } from "./auth/access/rate-limiter.server";
import { createRefusedTokens } from "./auth/access/refused-tokens.server";
import { followEnds } from "./auth/ending/follow-ends.server";
import { createRevocations } from "./auth/ending/revocations.server";
import { createConfirmUse } from "./auth/refresh/confirm-use.server";
import { createOwedWrites } from "./auth/refresh/owed-writes.server";
import { createRefresher } from "./auth/refresh/refresh.server";
import { createSharedRefresh } from "./auth/refresh/shared-refresh.server";
import type { App } from "./auth/request-context.server";
import { mayStay } from "./auth/sign-in/judge-sign-in.server";
import { createTransactions } from "./auth/sign-in/transaction.server";
import { createBackend } from "./backend/backend.server";
import type { Clock } from "./config/clock.server";
import type { Log } from "./config/log.server";
import type { Random } from "./config/random.server";
import type { Settings } from "./config/settings.server";
import { askForGzip } from "./google/ask-for-gzip.server";
import { createGoogle } from "./google/google.server";
import { watchIssuer } from "./google/watch-issuer.server";
import { createPipeline } from "./http/pipeline.server";
import { watchOwed, watchRefresher } from "./metrics/watch-process.server";
import { createBackground } from "./process/background.server";
import { cookiePolicy } from "./session/cookie-header.server";
import { createEndedSessions } from "./session/ended-sessions.server";
import { createLoginHints } from "./session/login-hint.server";
import { createMadeFor } from "./session/made-for.server";
import { createPseudonyms } from "./session/pseudonyms.server";
import { createSealer } from "./session/seal.server";
import { createSessionCookie } from "./session/session-cookie.server";
import { createStoredTokens } from "./session/stored-tokens.server";
import type { Store } from "./store/store.server";

/** Everything that varies: the settings, and the world outside. */
export interface Outside {
  settings: Settings;
  clock: Clock;
  random: Random;
  fetch: typeof fetch;
  /** It counts what it is told into `metrics`. */
  log: Log;
  metrics: Registry;
  store: Store;
  loadServerBuild: () => Promise<ServerBuild>;
  /** Where the built browser files are; null where Vite serves them. */
  clientDirectory: string | null;
  /** Aborts when this process begins to stop. */
  stopping: AbortSignal;
}

export interface LatchkeyApp {
  /** `env` is what @hono/node-server adds: the socket, for the client’s address. */
  fetch(request: Request, env?: object): Response | Promise<Response>;
  /**
   * Keeps up with what other processes do and leave undone, and looks after the issuer, until `signal`
   * aborts.
   */
  follow(signal: AbortSignal): Promise<void>;
  /** Resolves when nothing goes on any more for requests that have their answers. */
  settled(): Promise<void>;
}

/** Puts the app together: `Request` in, `Response` out. */
export function createLatchkey(outside: Outside): LatchkeyApp {
  const { settings, clock, random, log, store, stopping } = outside;
  const sealerFor = (purpose: Parameters<typeof createSealer>[0]) =>
    createSealer(purpose, settings.sessionSecrets, random);
  const policy = cookiePolicy(settings.appOrigin);
  const limits = { idleMs: settings.sessionIdleMs, absoluteMs: settings.sessionAbsoluteMs };
  const ended = createEndedSessions();
  const { issuer } = settings.google;
  const hints = createLoginHints(policy, sealerFor("login-hint"), issuer);
  const storedTokens = createStoredTokens(sealerFor("store"));
  const fetch = askForGzip(outside.fetch);
  const google = createGoogle({ fetch, clock, random, log }, settings.google);
  const background = createBackground(stopping, log);
  const owed = createOwedWrites({ clock, log, background });
  const shared = createSharedRefresh({
    store,
    tokens: storedTokens,
    owed,
    owedDead: createOwedWrites({ clock, log, background }),
    ended,
    clock,
    random,
    stopping,
  });
  const mayStayHere = (hostedDomain: string | null) =>
    mayStay(hostedDomain, settings.allowedHostedDomains);
  const refresher = createRefresher({
    google,
    shared,
    ended,
    clock,
    random,
    mayStay: mayStayHere,
  });
  const revocations = createRevocations({
    store,
    owed,
    google,
    tokens: storedTokens,
    clock,
    log,
  });
  watchRefresher(outside.metrics, refresher);
  watchOwed(outside.metrics, { owed, store });
  const rateLimiter = createRateLimiter({ store, settings, clock });
  const app: App = {
    settings,
    clock,
    random,
    log,
    pseudonyms: createPseudonyms(settings.sessionSecrets),
    madeFor: createMadeFor(settings.sessionSecrets),
    google,
    backend:
      settings.backendOrigin === null
        ? null
        : createBackend({ fetch, clock }, settings.backendOrigin),
    limits,
    hints,
    ended,
    owed,
    revocations,
    store,
    storedTokens,
    // A refresh goes on when its request has stopped waiting: its tokens must not be lost.
    refresher: {
      refresh: (session, log) => background.track(refresher.refresh(session, log)),
      look: refresher.look,
    },
    background,
    stopping,
    refusedTokens: createRefusedTokens(),
    apiPauses: createApiPauses({ clock, random }),
    rateLimiter,
    readBearerUser: createBearerUsers({ google, store, clock, rateLimiter, mayStay: mayStayHere }),
    finishing: new Map(),
    transactions: createTransactions({
      policy,
      sealer: sealerFor("sign-in"),
      issuer,
      clock,
      random,
    }),
  };
  const cookie = createSessionCookie(policy, sealerFor("session"));
  const pipeline = createPipeline({
    app,
    metrics: outside.metrics,
    sessionParts: {
      cookie,
      issuer,
      hints,
      ended,
      limits,
      clock,
      confirmUse: createConfirmUse({ store, clock }),
    },
    loadServerBuild: outside.loadServerBuild,
    clientDirectory: outside.clientDirectory,
  });
  return {
    fetch: (request, env) => pipeline.fetch(request, env),
    async follow(signal) {
      const issuer = watchIssuer({ endpoints: google.endpoints, clock, log }, signal);
      const ends = followEnds({ store, ended, clock, limits }, signal);
      await Promise.all([ends, revocations.follow(signal), issuer]);
    },
    settled: () => background.settled(),
  };
}

/** Remix’s part of the app: routes, loaders and pages. */
export function loadRemixBuild(): Promise<ServerBuild> {
  return import("virtual:remix/server-build");
}

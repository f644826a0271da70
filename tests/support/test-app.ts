import type { ServerBuild } from "@remix-run/node";
import type { Clock } from "../../app/config/clock.server";
import type { Settings } from "../../app/config/settings.server";
import { countEvents } from "../../app/metrics/count-events.server";
import { createMetrics } from "../../app/metrics/registry.server";
import { cookiePolicy } from "../../app/session/cookie-header.server";
import { openStore, type Store } from "../../app/store/store.server";
import { type LocalGoogle, startLocalGoogle } from "../local-google/local-google";
import { loadBuiltServer } from "./built-app";
import type { CookieJar } from "./cookie-jar";
import { createTestClock, type TestClock } from "./test-clock";
import { createTestLog, type TestLog } from "./test-log";
import { createTestRandom } from "./test-random";
import { Visitor } from "./visitor";

export interface TestAppOptions {
  settings?: Partial<Settings>;
  /** A clone’s folder, whose build and local Google these are instead of this one’s. */
  clone?: string;
  /** `GOOGLE_API_ORIGIN`, where it isn’t the local Google’s. */
  apiOrigin?: string;
  /** Changes Remix’s build, to add routes that only a test needs. */
  changeBuild?: (build: ServerBuild) => ServerBuild;
  /** Where the clock starts, in ms since the epoch. */
  startAt?: number;
  /** The built browser files, for tests with a browser. */
  clientDirectory?: string;
  /** Another app’s Google and clock: two processes of one deployment. */
  beside?: TestApp;
  /** A database of its own beside another app, or one that is prepared. */
  store?: Store;
  log?: TestLog;
  /** The app’s way to Google; this machine only by default. */
  fetch?: typeof fetch;
  /** How far the app’s own time of day is ahead of everybody else’s, in ms. Less than 0: behind. */
  clockAheadMs?: number;
  /** Aborts when the process begins to stop. */
  stopping?: AbortSignal;
}

export interface TestApp {
  origin: string;
  /** The session cookie’s name. */
  cookie: string;
  clock: TestClock;
  google: LocalGoogle;
  log: TestLog;
  store: Store;
  /** `env` is what @hono/node-server adds: the socket, for the client’s address. */
  fetch(request: Request, env?: object): Promise<Response>;
  visitor(jar?: CookieJar): Visitor;
  /** Keeps up with what other processes do, as a running server does, until `signal` aborts. */
  follow(signal: AbortSignal): Promise<void>;
  /** Resolves when nothing goes on for requests that have their answers. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

let seed = 1;
const ORIGIN = "https://app.example.com";
export const TEST_SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";

/** The production build with a local Google and a clock of their own. `Request` in, `Response` out. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { createLatchkey, loadRemixBuild } = await loadBuiltServer(options.clone);
  const origin = options.settings?.appOrigin ?? ORIGIN;
  const clock = options.beside?.clock ?? createTestClock(options.startAt);
  const redirectUris = [`${origin}/auth/google/callback`];
  const startGoogle = options.clone ? await googleOf(options.clone) : startLocalGoogle;
  const google = options.beside?.google ?? (await startGoogle({ clock, redirectUris }));
  const settings = testSettings(google, { appOrigin: origin, ...options.settings });
  const metrics = createMetrics("0.0.0-test");
  const level = options.settings?.logLevel ?? "info";
  const log = options.log ?? createTestLog({ level, observe: countEvents(metrics) });
  const store = options.store ?? options.beside?.store ?? (await openTestStore(clock));
  const latchkey = createLatchkey({
    settings: {
      ...settings,
      google: { ...settings.google, ...(options.apiOrigin && { apiOrigin: options.apiOrigin }) },
    },
    clock: ahead(clock, options.clockAheadMs ?? 0),
    // Two apps that share a store must not make the same ids.
    random: createTestRandom(seed++),
    fetch: options.fetch ?? loopbackFetch,
    log,
    metrics,
    store,
    loadServerBuild: async () => {
      const build = await loadRemixBuild();
      return options.changeBuild?.(build) ?? build;
    },
    clientDirectory: options.clientDirectory ?? null,
    stopping: options.stopping ?? new AbortController().signal,
  });
  const app: TestApp = {
    origin,
    cookie: cookiePolicy(origin).name,
    clock,
    google,
    log,
    store,
    fetch: async (request, env) => latchkey.fetch(request, env),
    follow: latchkey.follow,
    settled: latchkey.settled,
    visitor: (jar) => new Visitor(app, jar),
    stop: async () => {
      if (!options.beside) await google.stop();
      if (!options.beside || options.store) await store.close();
    },
  };
  return app;
}

async function googleOf(clone: string): Promise<typeof startLocalGoogle> {
  const path = `${clone}/tests/local-google/local-google.ts`;
  const local: { startLocalGoogle: typeof startLocalGoogle } = await import(path);
  return local.startLocalGoogle;
}

/** An empty database in memory. */
export async function openTestStore(clock: Pick<Clock, "now">): Promise<Store> {
  const opened = await openStore({ databaseUrl: "file::memory:", clock });
  if (!opened.ok) throw new Error(`no database: ${opened.error.reason}`);
  return opened.store;
}

export function testSettings(google: LocalGoogle, overrides: Partial<Settings> = {}): Settings {
  return {
    mode: "production",
    appOrigin: ORIGIN,
    host: undefined,
    port: 0,
    sessionSecrets: [TEST_SECRET],
    google: {
      clientId: google.clientId,
      clientSecret: google.clientSecret,
      issuer: google.issuer,
      apiOrigin: google.issuer,
    },
    databaseUrl: "file::memory:",
    sessionIdleMs: 30 * 86_400_000,
    sessionAbsoluteMs: 180 * 86_400_000,
    trustedProxyHops: 0,
    signInRatePerMinute: 0,
    allowedHostedDomains: [],
    backendOrigin: null,
    metricsToken: null,
    logLevel: "silent",
    ...overrides,
  };
}

function ahead(clock: Clock, ms: number): Clock {
  return { now: () => clock.now() + ms, sleep: (pause, signal) => clock.sleep(pause, signal) };
}

/** The network as tests may use it: this machine. Anything else is a call that nobody meant to make. */
const loopbackFetch: typeof fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.hostname !== "localhost" && url.hostname !== "127.0.0.1") {
    throw new Error(`A test called ${url.host}`);
  }
  return fetch(input, init);
};

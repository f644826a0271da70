import type { Clock } from "../../app/config/clock.server";
import { cookiePolicy } from "../../app/session/cookie-header.server";
import { type LocalGoogle, startLocalGoogle } from "../local-google/local-google";
import type { CookieJar } from "./cookie-jar";
import { putClockAhead } from "./postgres";
import { type ServerProcess, startServerProcess } from "./server-process";
import { Visitor } from "./visitor";

/** Several processes of the production server behind one address, with one Google. */
export interface Deployment {
  google: LocalGoogle;
  clock: Clock;
  /** Starts one more process, with settings of its own where they differ. */
  start(settings?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  /** A browser whose requests all go to one process. */
  visitor(server: ServerProcess, jar?: CookieJar): Visitor;
  /** Lets `ms` pass for Google, browsers and all processes, who know it when this resolves. */
  pass(ms: number): Promise<void>;
  /** Puts one process’s clock ahead of everybody else’s, in ms; less than 0: behind. */
  skew(server: ServerProcess, ms: number): Promise<void>;
  /** Lets only the database’s clock jump, in ms, until time passes. */
  skewDatabase(ms: number): Promise<void>;
  /** Ends all that it started. */
  stop(): Promise<void>;
}

export const DEPLOYMENT_ORIGIN = "https://app.example.com";
export const DEPLOYMENT_COOKIE = cookiePolicy(DEPLOYMENT_ORIGIN).name;
export const DEPLOYMENT_SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";

/** What a server of the deployment finds in its environment. */
export function deploymentSettings(google: LocalGoogle, databaseUrl: string) {
  return {
    APP_ORIGIN: DEPLOYMENT_ORIGIN,
    HOST: "127.0.0.1",
    PORT: "0",
    SESSION_SECRET: DEPLOYMENT_SECRET,
    GOOGLE_CLIENT_ID: google.clientId,
    GOOGLE_CLIENT_SECRET: google.clientSecret,
    GOOGLE_ISSUER: google.issuer,
    GOOGLE_API_ORIGIN: google.issuer,
    DATABASE_URL: databaseUrl,
    SIGN_IN_RATE_PER_MINUTE: "0",
  };
}

export async function startDeployment(databaseUrl: string): Promise<Deployment> {
  let aheadMs = 0;
  const servers: ServerProcess[] = [];
  const skews = new Map<ServerProcess, number>();
  const tellTime = (server: ServerProcess) => server.putAhead(aheadMs + (skews.get(server) ?? 0));
  const clock: Clock = {
    now: () => Date.now() + aheadMs,
    sleep: () => Promise.reject(new Error("Nobody sleeps by this clock")),
  };
  const google = await startLocalGoogle({
    clock,
    redirectUris: [`${DEPLOYMENT_ORIGIN}/auth/google/callback`],
  });
  const settings = deploymentSettings(google, databaseUrl);
  return {
    google,
    clock,
    async start(own = {}) {
      const server = await startServerProcess({ ...settings, ...own });
      servers.push(server);
      await tellTime(server);
      return server;
    },
    visitor: (server, jar) =>
      new Visitor({ fetch: server.fetch, origin: DEPLOYMENT_ORIGIN, clock }, jar),
    async pass(ms) {
      aheadMs += ms;
      // One that is away just now learns it with the next step.
      if (databaseUrl.startsWith("postgres")) {
        await putClockAhead(databaseUrl, aheadMs).catch(() => undefined);
      }
      await Promise.all(servers.map(tellTime));
    },
    async skew(server, ms) {
      skews.set(server, ms);
      await tellTime(server);
    },
    skewDatabase: (ms) => putClockAhead(databaseUrl, aheadMs + ms),
    async stop() {
      await google.stop();
      await Promise.all(servers.map((server) => server.kill()));
    },
  };
}

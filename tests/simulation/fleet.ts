import { Registry } from "prom-client";
import {
  createLatchkey,
  type LatchkeyApp,
  type Log,
  type Random,
  routesOfApp,
  type Settings,
  type Store,
} from "./app-parts";
import type { Database } from "./database";
import { CLIENT, type SimulatedGoogle } from "./google";
import type { Kernel } from "./kernel";
import { generator } from "./tape";

export const ORIGIN = "https://app.example.com";
export const LIMITS = { idleMs: 900_000, absoluteMs: 3_600_000 };

/** One server process, from its start to its end. */
export interface Server {
  name: string;
  /** Its name and which life it is in: what it waits for ends with it. */
  owner: string;
  alive: boolean;
  listening: boolean;
  startedAt: number;
  secrets: readonly [string, ...string[]];
  latchkey: LatchkeyApp;
  /** Settles when it is killed: who waits for its answer has a broken connection. */
  died: Promise<void>;
  kill(): void;
  stop(): Promise<void>;
}

export interface FleetParts {
  kernel: Kernel;
  google: SimulatedGoogle;
  database: Database;
  seed: number;
  /** Whether the database can be asked, and whether an answer of its is lost. */
  storeFaults: { away: () => boolean; answerLost: () => boolean; delay: () => number };
  /** Is told of what the database has done. */
  onStored(server: string, call: string, args: readonly unknown[], result: unknown): Promise<void>;
  onLog(owner: string, event: string, fields: Record<string, unknown>): void;
}

/** What processes do by themselves every two seconds: one step each, so that runs aren’t made of them. */
const BY_THEMSELVES = new Set(["endsSince", "readClock", "takeRevocation", "prune"]);
const routes = routesOfApp();

export function seededRandom(seed: number, name: string): Random {
  const next = generator(seed, name);
  return { bytes: (size) => Uint8Array.from({ length: size }, () => next() & 255) };
}

/** The store as a process has it: each call goes there and comes back in steps of its own. */
function remoteStore(parts: FleetParts, owner: string): Store {
  const { kernel, database, storeFaults } = parts;
  async function call(name: string, args: readonly unknown[]): Promise<unknown> {
    const quiet = BY_THEMSELVES.has(name);
    await kernel.wait(owner, `store ${name} goes`, quiet ? 0 : storeFaults.delay());
    if (storeFaults.away()) {
      await kernel.wait(owner, `store ${name} is away`, quiet ? 0 : 20);
      return { kind: "unavailable" };
    }
    const method: unknown = Reflect.get(database.store, name);
    if (typeof method !== "function") throw new TypeError(name);
    const result: unknown = await method(...args);
    await parts.onStored(owner, name, args, result);
    if (quiet) return result;
    const lost = storeFaults.answerLost();
    await kernel.wait(owner, `store ${name} answers`, lost ? 4000 : storeFaults.delay());
    return lost ? { kind: "unavailable" } : result;
  }
  return new Proxy({} as Store, {
    // One database for all of them, as PostgreSQL is.
    get: (_, name) =>
      name === "isShared" ? true : (...args: unknown[]) => call(String(name), args),
  });
}

export function logTo(
  owner: string,
  onLog: FleetParts["onLog"],
  common: () => object = () => ({}),
): Log {
  const line = (event: string, fields: object = {}) =>
    onLog(owner, event, { ...common(), ...fields });
  return {
    debug: line,
    info: line,
    warn: line,
    error: line,
    child: (more) => logTo(owner, onLog, () => ({ ...common(), ...more() })),
  };
}

export function settingsWith(secrets: readonly [string, ...string[]]): Settings {
  return {
    mode: "production",
    appOrigin: ORIGIN,
    host: undefined,
    port: 0,
    sessionSecrets: secrets,
    google: {
      clientId: CLIENT,
      clientSecret: "simulated-client-secret",
      issuer: "https://accounts.google.com",
      apiOrigin: "https://www.googleapis.com",
    },
    databaseUrl: "file::memory:",
    sessionIdleMs: LIMITS.idleMs,
    sessionAbsoluteMs: LIMITS.absoluteMs,
    trustedProxyHops: 0,
    signInRatePerMinute: 0,
    allowedHostedDomains: [],
    backendOrigin: null,
    metricsToken: null,
    logLevel: "silent",
  };
}

/** Starts a process. @param aheadMs how far its time of day is ahead of the true one. */
export function startServer(
  parts: FleetParts,
  name: string,
  life: number,
  secrets: Server["secrets"],
  aheadMs: () => number,
): Server {
  const owner = `${name}.${life}`;
  const { kernel } = parts;
  const stopping = new AbortController();
  const closing = new AbortController();
  let die = () => {};
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const latchkey = createLatchkey({
    settings: settingsWith(secrets),
    clock: kernel.clockOf(owner, aheadMs),
    random: seededRandom(parts.seed, owner),
    fetch: parts.google.fetchFor(owner, () => server.alive),
    log: logTo(owner, parts.onLog),
    metrics: new Registry(),
    store: remoteStore(parts, owner),
    loadServerBuild: async () => routes,
    clientDirectory: null,
    stopping: stopping.signal,
  });
  const server: Server = {
    name,
    owner,
    alive: true,
    listening: true,
    startedAt: kernel.now(),
    secrets,
    latchkey,
    died,
    kill() {
      server.alive = false;
      server.listening = false;
      kernel.stop(owner);
      die();
    },
    async stop() {
      stopping.abort();
      await Promise.race([kernel.wait(owner, "stops taking requests", 2000), died]);
      server.listening = false;
      closing.abort();
      await Promise.race([Promise.all([latchkey.settled(), following]), died]);
      server.kill();
    },
  };
  const following = latchkey.follow(closing.signal);
  return server;
}

import { fileURLToPath } from "node:url";
import { version } from "../package.json";
import { BRAND } from "./brand/brand";
import { type Clock, systemClock } from "./config/clock.server";
import { readEnvironment } from "./config/environment.server";
import { createLog, type Log } from "./config/log.server";
import { systemRandom } from "./config/random.server";
import { type Mode, readSettings, type Settings } from "./config/settings.server";
import { type Listening, listen } from "./http/listen.server";
import { countEvents } from "./metrics/count-events.server";
import { createMetrics } from "./metrics/registry.server";
import { exitOnCrash } from "./process/crash.server";
import { endOfLifeOfNode } from "./process/node-release.server";
import { stopOnSignal } from "./process/stop.server";
import { createLatchkey, type LatchkeyApp, loadRemixBuild } from "./server";
import { aboutDatabase } from "./store/database/explain-unopened.server";
import { openStore, type Store } from "./store/store.server";

type FromEnvironment =
  | { ok: true; settings: Settings; log: Log; store: Store; latchkey: LatchkeyApp }
  | { ok: false; message: string };

/** The app as this process’s environment describes it, or the reason why it can’t be. */
export async function fromEnvironment(
  mode: Mode,
  clientDirectory: string | null,
  clock: Clock,
  stopping: AbortSignal,
): Promise<FromEnvironment> {
  const read = readSettings(readEnvironment(), mode);
  if (!read.ok) return read;
  const { settings } = read;
  const metrics = createMetrics(version);
  const observe = countEvents(metrics);
  const log = createLog({ level: settings.logLevel, version, observe });
  const opened = await openStore({
    databaseUrl: settings.databaseUrl,
    log,
    random: systemRandom,
    clock,
  });
  if (!opened.ok) {
    return { ok: false, message: `${BRAND.name} can’t start: ${aboutDatabase(opened.error)}` };
  }
  const { store } = opened;
  const latchkey = createLatchkey({
    settings,
    log,
    metrics,
    store,
    clock,
    random: systemRandom,
    fetch: globalThis.fetch,
    loadServerBuild: loadRemixBuild,
    clientDirectory,
    stopping,
  });
  return { ok: true, settings, log, store, latchkey };
}

/** Runs the production server until a signal stops it. Tests give it a clock that they move. */
export async function start(clock: Clock = systemClock): Promise<void> {
  const client = fileURLToPath(new URL("../client", import.meta.url));
  const stopping = new AbortController();
  const app = await fromEnvironment("production", client, clock, stopping.signal);
  if (!app.ok) return giveUp(app.message);
  const { latchkey, log, settings, store } = app;
  exitOnCrash(log);
  let listening: Listening;
  try {
    listening = await listen(latchkey.fetch, settings);
  } catch (error) {
    const cause = error instanceof Error && "code" in error ? error.code : "unknown";
    return giveUp(`${BRAND.name} can’t start: it can’t listen on HOST and PORT (${cause}).`);
  }
  const closing = new AbortController();
  const following = latchkey.follow(closing.signal);
  stopOnSignal(
    { log, clock },
    {
      running: listening.running,
      announce() {
        stopping.abort();
        listening.releaseConnections();
      },
      async finish() {
        await listening.close();
        closing.abort();
        await Promise.all([latchkey.settled(), following]);
        await store.close();
      },
    },
  );
  log.info("sys_startup", { port: listening.port, origin: settings.appOrigin });
  const endOfLife = endOfLifeOfNode(process.versions.node, clock.now());
  if (endOfLife !== null) log.warn("node_end_of_life", { node: process.version });
}

function giveUp(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

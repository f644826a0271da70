import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";

export interface Stop {
  /** Tells the world, so that it sends no more requests here. */
  announce(): void;
  /** Takes nothing more; resolves when all that runs has finished and nothing is held any more. */
  finish(): Promise<void>;
  /** How many requests have no answer yet. */
  running(): number;
}

/**
 * How long requests are still taken after the announcement: whoever sends them here has to notice
 * first. Nobody does for a person at a terminal (SIGINT).
 */
export const DRAIN_MS = 2000;
/**
 * Longer than anything that a stop waits for: a refresh with its publishing (15 s), or a last attempt at
 * a database that is away (8 s) after one. Supervisors have to wait for longer still before they kill:
 * Kubernetes does (30 s), `docker stop` has to be told (10 s).
 */
export const STOPPED_WITHIN_MS = 25_000;

/**
 * Stops in order: announces it, goes on for a while, takes nothing more, lets what runs finish.
 *
 * @returns the exit code: 1 if something had to be cut off.
 */
export async function stopInOrder(
  { log, clock }: { log: Log; clock: Clock },
  stop: Stop,
  drainMs: number,
): Promise<0 | 1> {
  stop.announce();
  const finished = new AbortController();
  const inOrder = async () => {
    await clock.sleep(drainMs);
    await stop.finish();
    return "finished" as const;
  };
  const cut = clock.sleep(STOPPED_WITHIN_MS, finished.signal).then(() => "cut" as const);
  const outcome = await Promise.race([inOrder(), cut]);
  finished.abort();
  if (outcome === "finished") return 0;
  log.error("sys_shutdown_forced", { cause: "deadline", requests: stop.running() });
  return 1;
}

/**
 * The same signal again within this time is the first one’s echo: a terminal and systemd send it to npm
 * and to its child, and npm hands its own on.
 */
const ECHO_MS = 1000;

/** Stops on SIGTERM and SIGINT, and at once on a second one. */
export function stopOnSignal(parts: { log: Log; clock: Clock }, stop: Stop): void {
  let first: { signal: NodeJS.Signals; at: number } | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    const at = parts.clock.now();
    if (first !== null) {
      if (signal === first.signal && at - first.at < ECHO_MS) return;
      parts.log.error("sys_shutdown_forced", { cause: "second_signal", requests: stop.running() });
      process.exit(1);
    }
    first = { signal, at };
    parts.log.info("sys_shutdown", { signal });
    const drainMs = signal === "SIGINT" ? 0 : DRAIN_MS;
    // The log writes what it still holds when the process exits.
    void stopInOrder(parts, stop, drainMs).then((code) => process.exit(code));
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onSignal);
}

import { setMaxListeners } from "node:events";
import { hasPgBouncer } from "../support/pgbouncer";
import { findPostgres } from "../support/postgres";
import requireBuild from "../support/require-build";
import { runChaos } from "./chaos";
import { tellFigures, violationsOf } from "./figures";
import { readOrder } from "./read-order";
import { runSoak } from "./soak";
import { startWorld, type World } from "./world";

const say = (line: string) => void process.stdout.write(`${line}\n`);

/**
 * `npm run chaos` and `npm run soak`.
 *
 * @returns the exit code: 0 when what was claimed held, 1 when not, 130 when it was broken off.
 */
export async function run(args: readonly string[]): Promise<number> {
  const order = readOrder(args, () => Math.floor(Math.random() * 2 ** 31));
  if (!order.ok) {
    say(order.problem);
    return 1;
  }
  if (findPostgres() === null || !hasPgBouncer()) {
    say("*** LEFT OUT: this needs PostgreSQL and PgBouncer (Debian: postgresql, pgbouncer). ***");
    return order.ifPossible ? 0 : 1;
  }
  requireBuild();
  const ending = new AbortController();
  // Each browser listens.
  setMaxListeners(0, ending.signal);
  const breakOff = () => ending.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, breakOff);
  say(`seed=${order.seed}`);
  const tokenMs = order.what === "chaos" ? 6000 : 10_000;
  let world: World | null = null;
  try {
    world = await startWorld(tokenMs, { resources: order.what === "soak" });
    const asked = { ...order, tokenMs, ending: ending.signal, say };
    const found =
      order.what === "chaos" ? await playChaos(world, asked) : await runSoak(world, asked);
    say(tellComplaints(world.servers.flatMap((one) => one.complaints())));
    for (const violation of found) say(`VIOLATION: ${violation}`);
    if (ending.signal.aborted) return 130;
    say(`${order.what} seed=${order.seed} seconds=${order.seconds} violations=${found.length}`);
    return found.length === 0 ? 0 : 1;
  } catch (error) {
    // What is broken off fails somewhere.
    if (ending.signal.aborted) return 130;
    throw error;
  } finally {
    await world?.dispose();
  }
}

async function playChaos(world: World, order: Parameters<typeof runChaos>[1]): Promise<string[]> {
  const figures = await runChaos(world, order);
  say(tellFigures(figures));
  return violationsOf(figures);
}

/** How often each event came, as single lines drown what there is to see. */
function tellComplaints(lines: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [event = line, cause] = [/"event":"(\w+)"/, /"cause":"(\w+)"/].map(
      (pattern) => pattern.exec(line)?.[1],
    );
    const what = cause === undefined ? event : `${event}, ${cause}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts]
    .map(([event, count]) => `the servers said ${count} times: ${event}`)
    .join("\n");
}

import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { runOn } from "../support/postgres";
import { ChaosBrowser } from "./browser";
import { type Held, judgeSoak } from "./judge-soak";
import { seeded } from "./seeded";
import { createTraffic, NO_ANSWER, NO_REASON } from "./traffic";
import type { World } from "./world";

const READ_EVERY_MS = 5000;
/** Longer than connections are kept when nobody uses them: Node’s 5 s, and undici’s 4 s. */
const EMPTY_AFTER_MS = 15_000;

/** Many browsers and nothing that breaks: what the servers hold must not grow, and go when the crowd goes. */
export async function runSoak(
  world: World,
  order: {
    seed: number;
    seconds: number;
    browsers: number;
    ending: AbortSignal;
    say(line: string): void;
  },
): Promise<string[]> {
  const { google, servers } = world;
  const traffic = createTraffic(servers);
  const unasked: string[] = [];
  const listener = {
    signedIn: () => undefined,
    ended: () => undefined,
    signedOut(browser: ChaosBrowser, reason: string, asked: boolean) {
      if (!asked) unasked.push(`${browser.email}: ${reason}`);
    },
  };
  const read = async (): Promise<Held> => {
    const of = await Promise.all(servers.map((server) => server.resources()));
    const sum = (key: keyof (typeof of)[number]) =>
      of.reduce((total, resources) => total + resources[key], 0);
    const sql =
      "select count(*)::int as count from pg_stat_activity where datname = current_database()";
    const [row] = await runOn(world.databaseUrl, sql);
    return {
      heapMb: sum("heapMb"),
      residentMb: sum("residentMb"),
      timers: sum("timers"),
      handles: sum("handles"),
      connections: Number(row?.count),
    };
  };
  const tell = (when: string, held: Held) =>
    order.say(
      `${when}: heap ${held.heapMb.toFixed(1)} MB, resident ${held.residentMb.toFixed(0)} MB, timers ` +
        `${held.timers}, handles ${held.handles}, connections of the database ${held.connections}`,
    );

  const before = await read();
  tell("before", before);
  const enough = new AbortController();
  setMaxListeners(0, enough.signal);
  const lives = Array.from({ length: order.browsers }, (_, i) => {
    const who = google.control.addAccount({ email: `person-${i}@example.com` });
    const draw = seeded(order.seed, `browser ${i}`);
    return new ChaosBrowser(who, traffic, draw, listener).live(enough.signal, 5000);
  });
  const during: Held[] = [];
  const startedAt = Date.now();
  while (Date.now() - startedAt < order.seconds * 1000 && !order.ending.aborted) {
    await sleep(READ_EVERY_MS, undefined, { signal: order.ending }).catch(() => undefined);
    const held = await read();
    during.push(held);
    tell(`${Math.round((Date.now() - startedAt) / 1000)} s`, held);
    // Google’s own log would be what grows here.
    google.calls.clear();
  }
  enough.abort();
  await Promise.all(lives);
  await sleep(EMPTY_AFTER_MS, undefined, { signal: order.ending }).catch(() => undefined);
  const after = await read();
  tell("after", after);
  order.say(
    `requests ${traffic.requests}, answers ${JSON.stringify(Object.fromEntries(traffic.answers))}`,
  );
  const broken = [NO_ANSWER, NO_REASON].filter((kind) => traffic.answers.has(kind));
  const stories = unasked.map((story) => `signed out, and nobody had asked for it: ${story}`);
  return [...stories, ...broken, ...judgeSoak({ before, during, after })];
}

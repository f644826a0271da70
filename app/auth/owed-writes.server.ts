import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import type { StoreUnavailable } from "../store/availability.server";
import type { Background } from "./background.server";

/**
 * What was decided and the database couldn't take: ends, and tokens that nobody else has. It is kept in
 * order and tried again until it is done, before an orderly stop at the latest.
 */
export interface OwedWrites {
  /** Does the write now, or as soon as the database takes it; then the answer is `unavailable`. */
  write<Result extends { kind: string }>(
    work: () => Promise<Result | StoreUnavailable>,
  ): Promise<Result | StoreUnavailable>;
  /** How many wait. */
  readonly count: number;
}

const RETRY_MS = 1000;
/** How long a stop tries for a database that is away. */
const LAST_TRIES_MS = 8000;

export function createOwedWrites(parts: {
  clock: Clock;
  log: Log;
  background: Background;
}): OwedWrites {
  const { clock, log, background } = parts;
  const owed: (() => Promise<{ kind: string }>)[] = [];
  let paying = false;

  async function pay(stopping: AbortSignal): Promise<void> {
    let giveUpAt = Number.POSITIVE_INFINITY;
    for (let work = owed[0]; work !== undefined; work = owed[0]) {
      const done = await work();
      if (done.kind !== "unavailable") {
        owed.shift();
        continue;
      }
      const now = clock.now();
      if (stopping.aborted && giveUpAt === Number.POSITIVE_INFINITY) giveUpAt = now + LAST_TRIES_MS;
      if (now >= giveUpAt) break;
      await clock.sleep(RETRY_MS, giveUpAt === Number.POSITIVE_INFINITY ? stopping : undefined);
    }
    paying = false;
    if (owed.length > 0) log.error("owed_writes_lost", { writes: owed.length, alarm: true });
    else log.info("owed_writes_done");
  }

  return {
    get count() {
      return owed.length;
    },
    async write(work) {
      // One behind others waits for its turn: they may be about the same session.
      const done = owed.length > 0 ? ({ kind: "unavailable" } as const) : await work();
      if (done.kind !== "unavailable") return done;
      owed.push(work);
      if (!paying) {
        paying = true;
        background.run(pay);
      }
      return done;
    },
  };
}

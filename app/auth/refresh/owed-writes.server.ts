import type { Clock } from "../../config/clock.server";
import { errorName } from "../../config/error-name";
import type { Log } from "../../config/log.server";
import type { Background } from "../../process/background.server";
import type { StoreUnavailable } from "../../store/availability.server";

/**
 * What was decided and the database couldn’t take: ends, and tokens that nobody else has. It is kept in
 * order and tried again until it is done, before an orderly stop at the latest. With a process that is killed
 * it is gone.
 */
export interface OwedWrites {
  /** Does the write now, or as soon as the database takes it; then the answer is `unavailable`. */
  write<Result extends { kind: string }>(
    work: () => Promise<Result | StoreUnavailable>,
  ): Promise<Result | StoreUnavailable>;
  /** How many wait. */
  readonly count: number;
}

type Work = () => Promise<{ kind: string }>;

const RETRY_MS = 1000;
/** Some 4 KB each, so that an outage of hours doesn’t take the process down: the oldest are lost then. */
const MOST = 20_000;
/** How long a stop tries for a database that is away. */
const LAST_TRIES_MS = 8000;

export function createOwedWrites(parts: {
  clock: Clock;
  log: Log;
  background: Background;
  most?: number;
}): OwedWrites {
  const { clock, log, background, most = MOST } = parts;
  const owed: Work[] = [];
  let lost = 0;
  let paying = false;

  /** A mistake in one write holds up no other. */
  async function attempt(work: Work): Promise<"done" | "away" | "lost"> {
    try {
      return (await work()).kind === "unavailable" ? "away" : "done";
    } catch (error) {
      log.error("unexpected_error", { cause: errorName(error) });
      return "lost";
    }
  }

  async function pay(stopping: AbortSignal): Promise<void> {
    let giveUpAt = Number.POSITIVE_INFINITY;
    for (let work = owed[0]; work !== undefined; work = owed[0]) {
      const outcome = await attempt(work);
      if (outcome === "lost") lost += 1;
      if (outcome !== "away") {
        // Too many have pushed it out meanwhile, and counted it.
        if (owed[0] === work) owed.shift();
        else lost -= 1;
        continue;
      }
      const now = clock.now();
      if (stopping.aborted && giveUpAt === Number.POSITIVE_INFINITY) giveUpAt = now + LAST_TRIES_MS;
      if (now >= giveUpAt) break;
      await clock.sleep(RETRY_MS, giveUpAt === Number.POSITIVE_INFINITY ? stopping : undefined);
    }
    paying = false;
    lost += owed.splice(0).length;
    if (lost > 0) log.error("owed_writes_lost", { writes: lost, alarm: true });
    else log.info("owed_writes_done");
    lost = 0;
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
      if (owed.length > most) lost += owed.splice(0, 1).length;
      if (!paying) {
        paying = true;
        background.run(pay);
      }
      return done;
    },
  };
}

import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import { awayReason } from "./database/database-error.server";

/** The database is away or too slow. What was asked for may or may not have been done. */
export interface StoreUnavailable {
  kind: "unavailable";
}

/** Runs a piece of work on the database; `unavailable` when the database is, throws on bugs only. */
export type Attempt = <Result>(work: () => Promise<Result>) => Promise<Result | StoreUnavailable>;

/** What this process knows of whether the database is there. */
export interface Availability {
  attempt: Attempt;
  /** For how long no work has failed for the database’s sake, in ms; endless when none ever has. */
  steadyForMs(): number;
}

const DEADLOCK = "sqlstate_40P01";

/**
 * The log is told when the database goes and when it comes back, not of every call between.
 *
 * @param isClosed whether this process has let go of the database itself, which is nothing to log.
 */
export function createAvailability(
  log: Log | undefined,
  isClosed: () => boolean,
  clock: Pick<Clock, "now">,
): Availability {
  let away = false;
  let lastAwayAt: number | null = null;
  const attempt: Attempt = async (work) => {
    if (isClosed()) return { kind: "unavailable" };
    try {
      const result = await work().catch((error: unknown) => {
        // Its transaction was undone so that another’s could go on, which it has.
        if (awayReason(error) === DEADLOCK) return work();
        throw error;
      });
      if (away) log?.info("store_available");
      away = false;
      return result;
    } catch (error) {
      if (isClosed()) return { kind: "unavailable" };
      const cause = awayReason(error);
      if (cause === null) throw error;
      if (!away) log?.error("store_unavailable", { cause, alarm: true });
      away = true;
      lastAwayAt = clock.now();
      return { kind: "unavailable" };
    }
  };
  return {
    attempt,
    steadyForMs() {
      if (lastAwayAt === null) return Number.POSITIVE_INFINITY;
      // A clock that was set back says nothing of how long ago that was: counted anew.
      lastAwayAt = Math.min(lastAwayAt, clock.now());
      return clock.now() - lastAwayAt;
    },
  };
}

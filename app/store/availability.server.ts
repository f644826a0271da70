import type { Log } from "../config/log.server";
import { awayReason } from "./database/database-error.server";

/** The database is away or too slow. What was asked for may or may not have been done. */
export interface StoreUnavailable {
  kind: "unavailable";
}

/** Runs a piece of work on the database; `unavailable` when the database is, throws on bugs only. */
export type Attempt = <Result>(work: () => Promise<Result>) => Promise<Result | StoreUnavailable>;

const DEADLOCK = "sqlstate_40P01";

/**
 * The log is told when the database goes and when it comes back, not of every call between.
 *
 * @param isClosed whether this process has let go of the database itself, which is nothing to log.
 */
export function createAttempt(log: Log | undefined, isClosed: () => boolean): Attempt {
  let away = false;
  return async (work) => {
    if (isClosed()) return { kind: "unavailable" };
    try {
      const result = await work().catch((error: unknown) => {
        // Its transaction was undone so that another's could go on, which it has.
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
      return { kind: "unavailable" };
    }
  };
}

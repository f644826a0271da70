import { sql } from "kysely";
import type { StoreUnavailable } from "./availability.server";
import { type EndMark, toMark } from "./end-marks.server";
import type { SessionEnd } from "./session-ends.server";
import type { StoreParts } from "./store-parts.server";

/**
 * What ended since a moment.
 *
 * @property now the database’s clock, from which the next look goes back.
 * @property complete whether these are all: a look returns 100,000 single ends at most, the newest.
 */
type EndsFound =
  | {
      kind: "found";
      now: number;
      ends: (SessionEnd & { endedAt: number })[];
      marks: EndMark[];
      complete: boolean;
    }
  | StoreUnavailable;

export interface RecentEnds {
  /**
   * What has ended since a moment of the database’s clock, ms: by its order, whatever the clocks of
   * processes say. A transaction may take its time, so let each look reach a minute further back than
   * the `now` of the one before. All look back a minute at least: that clock may have been set back.
   */
  endsSince(since: number): Promise<EndsFound>;

  /** The database’s clock, ms. */
  readClock(): Promise<{ kind: "read"; now: number } | StoreUnavailable>;
}

const MOST_ENDS = 100_000;
const LOOK_BACK_MS = 60_000;

export function createRecentEnds({ db, attempt, now }: StoreParts): RecentEnds {
  return {
    endsSince: (since) =>
      attempt(async () => {
        // Asked for first: what ends meanwhile is found again by the next look.
        const { at } = await db.selectNoFrom(now().as("at")).executeTakeFirstOrThrow();
        const from = Math.min(since, at - LOOK_BACK_MS);
        const rows = await db
          .selectFrom("latchkey_sessions")
          .select(["id_hash", "end_reason", "ended_at"])
          .where("ended_at", ">=", from)
          // Not as a parameter: SQLite would not know that its index has them all.
          .where("ended_by_mark", "=", sql.lit(0))
          .orderBy("ended_at", "desc")
          .limit(MOST_ENDS)
          .execute();
        const marks = await db
          .selectFrom("latchkey_end_marks")
          .select(["who", "ended_before", "reason", "spared"])
          .where("marked_at", ">=", from)
          .orderBy("marked_at")
          .execute();
        return {
          kind: "found",
          now: at,
          ends: rows.map((row) => ({
            idHash: row.id_hash,
            reason: row.end_reason ?? "",
            endedAt: row.ended_at ?? 0,
          })),
          marks: marks.map(toMark),
          complete: rows.length < MOST_ENDS,
        };
      }),

    readClock: () =>
      attempt(async () => {
        const { at } = await db.selectNoFrom(now().as("at")).executeTakeFirstOrThrow();
        return { kind: "read", now: at };
      }),
  };
}

import type { Clock } from "../../config/clock.server";
import type { EndedSessions } from "../../session/ended-sessions.server";
import type { SessionLimits } from "../../session/limits.server";
import type { EndMark } from "../../store/end-marks.server";
import type { Store } from "../../store/store.server";
import { storedEndReason } from "../refresh/stored-end-reason";

/** MP-02 allows five seconds from an end in one process to its refusal in all. */
const EVERY_MS = 2000;
/** As long as the longest access token lives, and then some: an older cookie’s refresh reads the row. */
const FIRST_LOOK_BACK_MS = 25 * 3_600_000;
/** Longer than any transaction: an end carries the moment at which it was written, not committed. */
const OVERLAP_MS = 60_000;
const PRUNE_EVERY_MS = 600_000;
/** More between two looks, or less than nothing, and the database’s clock was changed. */
const STEADY_MS = 60_000;

/** Makes an end of many known to this process. */
export function learnMark(ended: EndedSessions, { reason, ...mark }: EndMark): void {
  ended.addMark({ ...mark, reason: storedEndReason(reason) });
}

/**
 * Learns every few seconds which sessions have ended in other processes, by the order of the
 * database’s clock, and clears away old rows now and then, until `signal` aborts. While the database is
 * away it just goes on asking.
 *
 * Rows are cleared away only after that clock has gone on evenly for ten minutes: one that jumps ahead
 * for a moment deletes nothing.
 */
export async function followEnds(
  parts: { store: Store; ended: EndedSessions; clock: Clock; limits: SessionLimits },
  signal: AbortSignal,
): Promise<void> {
  const { store, ended, clock, limits } = parts;
  let lookedAt: number | null = null;
  let steadySince: number | null = null;
  while (!signal.aborted) {
    const now = lookedAt ?? (await readClock(store));
    if (now !== null) {
      const found = await store.endsSince(
        lookedAt === null ? now - FIRST_LOOK_BACK_MS : now - OVERLAP_MS,
      );
      if (found.kind === "found") {
        // Oldest first, as they are forgotten.
        for (const { idHash, reason, endedAt } of found.ends.toReversed()) {
          ended.addHashed(idHash, storedEndReason(reason), endedAt);
        }
        if (!found.complete) ended.forgetThrough(found.ends.at(-1)?.endedAt ?? found.now);
        for (const mark of found.marks) learnMark(ended, mark);

        const passed = found.now - now;
        const steady = lookedAt !== null && passed >= 0 && passed < STEADY_MS;
        if (!steady || steadySince === null) steadySince = found.now;
        if (found.now - steadySince >= PRUNE_EVERY_MS) {
          const pruned = await store.prune({ ...limits, notAfter: found.now });
          // What a flood has left behind takes many rounds.
          if (pruned.kind === "unavailable" || !pruned.more) steadySince = found.now;
        }
        lookedAt = found.now;
      }
    }
    await clock.sleep(EVERY_MS, signal);
  }
}

async function readClock(store: Store): Promise<number | null> {
  const clock = await store.readClock();
  return clock.kind === "read" ? clock.now : null;
}

import type { Clock } from "../config/clock.server";
import type { EndedSessions } from "../session/ended-sessions.server";
import type { Store } from "../store/store.server";
import { storedEndReason } from "./stored-end-reason";

/** MP-02 allows five seconds from an end in one process to its refusal in all. */
const EVERY_MS = 2000;
/** An older cookie's access token has ended, so that its refresh reads the row. */
const FIRST_LOOK_BACK_MS = 3_600_000;
/** Processes' clocks differ and writes take time. */
const OVERLAP_MS = 60_000;
const PRUNE_EVERY_MS = 600_000;

/**
 * Learns every few seconds which sessions have ended in other processes, and clears away old rows
 * now and then, until `signal` aborts. While the database is away it just goes on asking.
 */
export async function followEnds(
  { store, ended, clock }: { store: Store; ended: EndedSessions; clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  let since = clock.now() - FIRST_LOOK_BACK_MS;
  let prunedAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const now = clock.now();
    const found = await store.recentEnds(since);
    if (found.kind === "found") {
      for (const end of found.ends) ended.addHashed(end.idHash, storedEndReason(end.reason));
      since = now - OVERLAP_MS;
    }
    if (now - prunedAt >= PRUNE_EVERY_MS) {
      const pruned = await store.prune(now);
      // What a flood has left behind takes many rounds.
      if (pruned.kind === "unavailable" || !pruned.more) prunedAt = now;
    }
    await clock.sleep(EVERY_MS, signal);
  }
}

import type { ExpressionBuilder } from "kysely";
import type { StoreUnavailable } from "./availability.server";
import type { Schema } from "./database/schema.server";
import { sweepMark, toMark } from "./end-marks.server";
import type { StoreParts } from "./store-parts.server";

/** How many rows went. `more`: some are left, call again soon. */
type Prune =
  | { kind: "pruned"; sessions: number; securityEvents: number; rateLimits: number; more: boolean }
  | StoreUnavailable;

export interface Pruning {
  /**
   * Deletes sessions that have reached a limit a day ago, by today’s settings and the database’s
   * clock, old security events and marks, and limits that are whole again, at most 1000 of each; and
   * writes marks down in rows that still need it. Call it only while that clock goes on evenly.
   *
   * @param by.idleMs and by.absoluteMs: how long a session may live.
   * @param by.notAfter ms: a moment of that clock that is known to be good; one that is ahead counts for
   *   no more.
   */
  prune(by: { idleMs: number; absoluteMs: number; notAfter: number }): Promise<Prune>;
}

const BATCH = 1000;
const DAY_MS = 86_400_000;
/**
 * Machines' clocks differ, and the last uses may not have been stored: nobody may still take a session
 * for live whose row is gone.
 */
const SESSION_GRACE_MS = DAY_MS;
/** Google sends an event again for hours at most; a late copy does no harm. */
const SECURITY_EVENT_AGE_MS = 30 * DAY_MS;
/** Longer than any access token lives: after that a cookie comes through the refresh, which reads its row. */
const MARK_AGE_MS = 7 * DAY_MS;
/** A sign-in that began before the mark may still be written after it. */
const SWEPT_AFTER_MS = 60_000;
/** As long as another process, whose clock is behind, may take it for exhausted. */
const RATE_LIMIT_GRACE_MS = 60_000;

export function createPruning({ db, attempt, now }: StoreParts): Pruning {
  /** @returns whether rows of marks are left. */
  async function sweepMarks(at: number): Promise<boolean> {
    const marks = await db
      .selectFrom("latchkey_end_marks")
      .select(["who", "ended_before", "reason", "spared", "marked_at"])
      .where("swept_at", "is", null)
      .orderBy("marked_at")
      .limit(BATCH)
      .execute();
    const swept: string[] = [];
    let ended = 0;
    for (const row of marks) {
      ended += await sweepMark(db, now, toMark(row), BATCH);
      if (ended >= BATCH) break;
      swept.push(row.who);
    }
    if (swept.length > 0) {
      await db
        .updateTable("latchkey_end_marks")
        .set({ swept_at: at })
        .where("who", "in", swept)
        // One that was moved meanwhile is younger than this.
        .where("marked_at", "<=", at - SWEPT_AFTER_MS)
        .execute();
    }
    return ended >= BATCH;
  }

  return {
    prune: ({ idleMs, absoluteMs, notAfter }) =>
      attempt(async () => {
        const clock = await db.selectNoFrom(now().as("now")).executeTakeFirstOrThrow();
        const at = Math.min(clock.now, notAfter);
        const marksLeft = await sweepMarks(at);
        const seenBefore = at - idleMs - SESSION_GRACE_MS;
        const isOver = (is: ExpressionBuilder<Schema, "latchkey_sessions">) =>
          is.or([
            is("started_at", "<=", at - absoluteMs - SESSION_GRACE_MS),
            is.and([is("last_seen_at", "<=", seenBefore), is("renewed_at", "<=", seenBefore)]),
          ]);
        const sessions = await db
          .deleteFrom("latchkey_sessions")
          .where("id_hash", "in", (is) =>
            is.selectFrom("latchkey_sessions").select("id_hash").where(isOver).limit(BATCH),
          )
          // Said twice: one that is used again just now stays.
          .where(isOver)
          .executeTakeFirst();
        const events = await db
          .deleteFrom("latchkey_security_events")
          .where("jti_hash", "in", (is) =>
            is
              .selectFrom("latchkey_security_events")
              .select("jti_hash")
              .where("received_at", "<=", at - SECURITY_EVENT_AGE_MS)
              .limit(BATCH),
          )
          .executeTakeFirst();
        const marks = await db
          .deleteFrom("latchkey_end_marks")
          .where("who", "in", (is) =>
            is
              .selectFrom("latchkey_end_marks")
              .select("who")
              .where("swept_at", "is not", null)
              .where("marked_at", "<=", at - MARK_AGE_MS)
              .limit(BATCH),
          )
          .executeTakeFirst();
        const limits = await db
          .deleteFrom("latchkey_rate_limits")
          .where("key", "in", (is) =>
            is
              .selectFrom("latchkey_rate_limits")
              .select("key")
              .where("full_at", "<=", at - RATE_LIMIT_GRACE_MS)
              .limit(BATCH),
          )
          .executeTakeFirst();
        const gone = [sessions, events, marks, limits].map((deleted) =>
          Number(deleted.numDeletedRows),
        );
        return {
          kind: "pruned",
          sessions: gone[0] ?? 0,
          securityEvents: gone[1] ?? 0,
          rateLimits: gone[3] ?? 0,
          more: marksLeft || gone.some((count) => count >= BATCH),
        };
      }),
  };
}

import type { StoreUnavailable } from "./availability.server";
import type { StoreParts } from "./store-parts.server";

/** How many rows went. `more`: some are left, call again soon. */
type Prune =
  | { kind: "pruned"; sessions: number; securityEvents: number; rateLimits: number; more: boolean }
  | StoreUnavailable;

export interface Pruning {
  /**
   * Deletes sessions past their absolute end, old security events and limits that are whole again,
   * at most 1000 of each.
   */
  prune(now: number): Promise<Prune>;
}

const BATCH = 1000;
/** Processes' clocks differ: nobody may still take a session for live whose row is gone. */
const SESSION_GRACE_MS = 3_600_000;
/** Google sends an event again for hours at most; a late copy does no harm. */
const SECURITY_EVENT_AGE_MS = 30 * 86_400_000;
/** As long as another process, whose clock is behind, may take it for exhausted. */
const RATE_LIMIT_GRACE_MS = 60_000;

export function createPruning({ db, attempt }: StoreParts): Pruning {
  return {
    prune: (now) =>
      attempt(async () => {
        const sessions = await db
          .deleteFrom("latchkey_sessions")
          .where("id_hash", "in", (is) =>
            is
              .selectFrom("latchkey_sessions")
              .select("id_hash")
              .where("expires_at", "<=", now - SESSION_GRACE_MS)
              .limit(BATCH),
          )
          .executeTakeFirst();
        const events = await db
          .deleteFrom("latchkey_security_events")
          .where("jti_hash", "in", (is) =>
            is
              .selectFrom("latchkey_security_events")
              .select("jti_hash")
              .where("received_at", "<=", now - SECURITY_EVENT_AGE_MS)
              .limit(BATCH),
          )
          .executeTakeFirst();
        const limits = await db
          .deleteFrom("latchkey_rate_limits")
          .where("key", "in", (is) =>
            is
              .selectFrom("latchkey_rate_limits")
              .select("key")
              .where("full_at", "<=", now - RATE_LIMIT_GRACE_MS)
              .limit(BATCH),
          )
          .executeTakeFirst();
        return {
          kind: "pruned",
          sessions: Number(sessions.numDeletedRows),
          securityEvents: Number(events.numDeletedRows),
          rateLimits: Number(limits.numDeletedRows),
          more: [sessions, events, limits].some(({ numDeletedRows }) => numDeletedRows >= BATCH),
        };
      }),
  };
}

import { hashJti } from "../config/id-hash.server";
import type { StoreUnavailable } from "./availability.server";
import type { StoreParts } from "./store-parts.server";

type SecurityEventNoted = { kind: "new" } | { kind: "seen" } | StoreUnavailable;

export interface SecurityEvents {
  /** Whether a security event was noted before. */
  findSecurityEvent(jti: string): Promise<SecurityEventNoted>;
  /**
   * Notes a security event by its `jti`; `seen` when it was noted before. Call it after the event’s
   * work is done, which is safe to repeat: noted first, an event whose work failed would be lost when
   * Google sends it again.
   */
  recordSecurityEvent(event: { jti: string }): Promise<SecurityEventNoted>;
}

export function createSecurityEvents({ db, attempt, now }: StoreParts): SecurityEvents {
  return {
    findSecurityEvent: (jti) =>
      attempt(async () => {
        const row = await db
          .selectFrom("latchkey_security_events")
          .select("jti_hash")
          .where("jti_hash", "=", hashJti(jti))
          .executeTakeFirst();
        return { kind: row === undefined ? "new" : "seen" };
      }),

    recordSecurityEvent: ({ jti }) =>
      attempt(async () => {
        const inserted = await db
          .insertInto("latchkey_security_events")
          .values({ jti_hash: hashJti(jti), received_at: now() })
          .onConflict((conflict) => conflict.column("jti_hash").doNothing())
          .returning("jti_hash")
          .executeTakeFirst();
        return { kind: inserted === undefined ? "seen" : "new" };
      }),
  };
}

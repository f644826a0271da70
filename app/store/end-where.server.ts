import type { ExpressionBuilder, Kysely } from "kysely";
import type { Schema } from "./schema.server";

/** The end of a session. The first one counts: a sign-out isn't renamed by what follows. */
export interface SessionEnd {
  idHash: string;
  reason: string;
  /** ms, by the clock of the process that ended it. */
  endedAt: number;
}

type Condition = (is: ExpressionBuilder<Schema, "latchkey_sessions">) => ReturnType<typeof is.and>;

/** Ends the live sessions that meet a condition, and returns them. */
export async function endWhere(
  db: Kysely<Schema>,
  end: { reason: string; now: number },
  condition: Condition,
): Promise<SessionEnd[]> {
  const rows = await db
    .updateTable("latchkey_sessions")
    .set(endColumns(end))
    .where("ended_at", "is", null)
    .where(condition)
    .returning(["id_hash", "end_reason", "ended_at"])
    .execute();
  return rows.map(toEnd);
}

/** What an end writes: a session that has ended keeps no tokens, and no refresh can publish. */
export function endColumns({ reason, now }: { reason: string; now: number }) {
  return {
    ended_at: now,
    end_reason: reason,
    sealed_tokens: null,
    refresh_token_hash: null,
    refresh_token_prefix_hash: null,
    lease_holder: null,
    lease_until: null,
  };
}

export function toEnd(row: {
  id_hash: string;
  end_reason: string | null;
  ended_at: number | null;
}): SessionEnd {
  return { idHash: row.id_hash, reason: row.end_reason ?? "", endedAt: row.ended_at ?? 0 };
}

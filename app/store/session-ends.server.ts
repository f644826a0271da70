import type { ExpressionBuilder, Kysely } from "kysely";
import { EVERYBODY, hashPerson, hashSessionId } from "../config/id-hash.server";
import type { StoreUnavailable } from "./availability.server";
import type { Schema } from "./database/schema.server";
import {
  type EndMark,
  isLive,
  markedReason,
  NO_TOKENS,
  setMark,
  sweepMark,
} from "./end-marks.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/** The end of a session. The first one counts: a sign-out isn’t renamed by what follows. */
export interface SessionEnd {
  idHash: string;
  reason: string;
}

/**
 * - `ended`: now, or already before, then with that end’s reason.
 * - `moved_on`: the row isn’t as the caller knew it: somebody has renewed its tokens.
 * - `absent`: there is no such session.
 */
type EndSession =
  | ({ kind: "ended" } & SessionEnd)
  | { kind: "moved_on" }
  | { kind: "absent" }
  | StoreUnavailable;

/** The mark that ends them, and how many rows it found live. */
type EndSessions = { kind: "ended"; mark: EndMark; count: number } | StoreUnavailable;

export interface SessionEnds {
  /**
   * Ends one session and deletes its tokens.
   *
   * @param end.startedAt remembers the end even if the store doesn’t know the session, else that is
   *   `absent`; ms.
   * @param end.only ends it only if its row still has this generation or an older one, and this
   *   refresh token, else `moved_on`.
   */
  endSession(end: {
    id: string;
    reason: string;
    startedAt?: number;
    only?: { generation: number; refreshTokenHash: string };
  }): Promise<EndSession>;

  /** The same by its handle from `listSessions`; `absent` when it isn’t a session of this person. */
  endSessionByHandle(end: UserKey & { handle: string; reason: string }): Promise<EndSession>;

  /**
   * Ends a person’s sessions, also those whose rows are gone.
   *
   * @param end.except a session’s id: that one goes on.
   * @param end.startedBefore ms: sessions started at or after it go on.
   */
  endSessions(
    end: UserKey & { reason: string; except?: string; startedBefore?: number },
  ): Promise<EndSessions>;

  /** Ends everybody’s sessions, also those whose rows are gone. */
  endAllSessions(end: { reason: string }): Promise<EndSessions>;
}

/** A mark’s rows are ended in steps of this: the first with the mark, the rest by and by. */
export const SWEEP_STEP = 1000;

export function createSessionEnds({ db, attempt, now }: StoreParts): SessionEnds {
  async function markAndSweep(mark: Parameters<typeof setMark>[2]): Promise<EndSessions> {
    const set = await attempt(() => db.transaction().execute((tx) => setMark(tx, now, mark)));
    if ("kind" in set) return set;
    // The mark holds by itself: whatever becomes of this step, the sessions are over.
    await attempt(async () => void (await sweepMark(db, now, set.mark, SWEEP_STEP)));
    return { kind: "ended", ...set };
  }

  return {
    endSession: ({ id, reason, startedAt, only }) =>
      attempt(async () => {
        const idHash = hashSessionId(id);
        if (startedAt !== undefined) await remember(db, now, { idHash, reason, startedAt });
        else {
          await endWhere(db, now, reason, (is) =>
            is.and([
              is("id_hash", "=", idHash),
              ...(only === undefined
                ? []
                : [
                    is("generation", "<=", only.generation),
                    is("refresh_token_hash", "=", only.refreshTokenHash),
                  ]),
            ]),
          );
        }
        const end = await readEnd(db, idHash);
        return end.kind === "live" ? { kind: only ? "moved_on" : "absent" } : end;
      }),

    endSessionByHandle: ({ handle, issuer, sub, reason }) =>
      attempt(async () => {
        const session = await db
          .selectFrom("latchkey_sessions")
          .select("id_hash")
          .where("handle", "=", handle.replaceAll("\0", ""))
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .executeTakeFirst();
        if (session === undefined) return { kind: "absent" };
        await endWhere(db, now, reason, (is) => is("id_hash", "=", session.id_hash));
        const end = await readEnd(db, session.id_hash);
        return end.kind === "live" ? { kind: "absent" } : end;
      }),

    endSessions: ({ issuer, sub, reason, except, startedBefore }) =>
      markAndSweep({
        who: hashPerson({ issuer, sub }),
        reason,
        spared: except === undefined ? null : hashSessionId(except),
        ...(startedBefore !== undefined && { endedBefore: startedBefore - 1 }),
      }),

    endAllSessions: ({ reason }) => markAndSweep({ who: EVERYBODY, reason, spared: null }),
  };
}

type Condition = (is: ExpressionBuilder<Schema, "latchkey_sessions">) => ReturnType<typeof is.and>;

/** Ends the live sessions that meet a condition. */
async function endWhere(
  db: Kysely<Schema>,
  now: StoreParts["now"],
  reason: string,
  condition: Condition,
): Promise<void> {
  await db
    .updateTable("latchkey_sessions")
    .set({ ...NO_TOKENS, ended_at: now(), end_reason: reason })
    .where(isLive)
    .where(condition)
    .execute();
}

/** One statement, so that a session recorded at the same moment is ended too. */
async function remember(
  db: Kysely<Schema>,
  now: StoreParts["now"],
  { idHash, reason, startedAt }: { idHash: string; reason: string; startedAt: number },
): Promise<void> {
  const end = { ...NO_TOKENS, ended_at: now(), end_reason: reason };
  await db
    .insertInto("latchkey_sessions")
    .values({
      id_hash: idHash,
      generation: 0,
      started_at: startedAt,
      last_seen_at: now(),
      renewed_at: now(),
      ...end,
    })
    .onConflict((conflict) => conflict.column("id_hash").doUpdateSet(end).where(isLive))
    .execute();
}

async function readEnd(
  db: Kysely<Schema>,
  idHash: string,
): Promise<({ kind: "ended" } & SessionEnd) | { kind: "absent" } | { kind: "live" }> {
  const row = await db
    .selectFrom("latchkey_sessions")
    .select((is) => ["id_hash", "end_reason", markedReason(is).as("marked")])
    .where("id_hash", "=", idHash)
    .executeTakeFirst();
  if (row === undefined) return { kind: "absent" };
  const reason = row.end_reason ?? row.marked;
  return reason === null ? { kind: "live" } : { kind: "ended", idHash, reason };
}

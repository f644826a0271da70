import type { Kysely } from "kysely";
import { hashSessionId } from "../config/id-hash.server";
import type { StoreUnavailable } from "./availability.server";
import { endColumns, endWhere, type SessionEnd, toEnd } from "./end-where.server";
import type { Schema } from "./schema.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/** `ended`: now, or already before, then with that end's reason and time. */
type EndSession = ({ kind: "ended" } & SessionEnd) | { kind: "absent" } | StoreUnavailable;

/** Those that this call ended; sessions that had ended before aren't among them. */
type EndSessions = { kind: "ended"; sessions: SessionEnd[] } | StoreUnavailable;

export interface SessionEnds {
  /**
   * Ends one session and deletes its tokens.
   *
   * @param end.expiresAt the session's absolute end in ms. With it the end is remembered even if the
   *   store doesn't know the session, else that is `absent`.
   */
  endSession(end: {
    id: string;
    reason: string;
    now: number;
    expiresAt?: number;
  }): Promise<EndSession>;

  /** The same by its handle from `listSessions`; `absent` when it isn't a session of this person. */
  endSessionByHandle(
    end: UserKey & { handle: string; reason: string; now: number },
  ): Promise<EndSession>;

  /**
   * Ends a person's sessions.
   *
   * @param end.except a session's id: that one goes on.
   * @param end.startedBefore ms: sessions started at or after it go on.
   */
  endSessions(
    end: UserKey & { reason: string; now: number; except?: string; startedBefore?: number },
  ): Promise<EndSessions>;

  /**
   * Ends everybody's sessions, in steps. `unavailable` may leave some done: call it again.
   *
   * @returns how many this call ended.
   */
  endAllSessions(end: {
    reason: string;
    now: number;
  }): Promise<{ kind: "ended"; count: number } | StoreUnavailable>;

  /**
   * The ends at or after `since` (ms), newest first, at most 100,000. Processes' clocks differ and
   * writes take time: let each look reach a minute further back than the one before.
   */
  recentEnds(since: number): Promise<{ kind: "found"; ends: SessionEnd[] } | StoreUnavailable>;
}

const BATCH = 1000;
const MOST_ENDS = 100_000;

export function createSessionEnds({ db, attempt }: StoreParts): SessionEnds {
  return {
    endSession: ({ id, reason, now, expiresAt }) =>
      attempt(async () => {
        const idHash = hashSessionId(id);
        if (expiresAt !== undefined) await remember(db, { idHash, reason, now, expiresAt });
        else await endWhere(db, { reason, now }, (is) => is("id_hash", "=", idHash));
        return readEnd(db, idHash);
      }),

    endSessionByHandle: ({ handle, issuer, sub, reason, now }) =>
      attempt(async () => {
        const session = await db
          .selectFrom("latchkey_sessions")
          .select("id_hash")
          .where("handle", "=", handle.replaceAll("\0", ""))
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .executeTakeFirst();
        if (session === undefined) return { kind: "absent" };
        await endWhere(db, { reason, now }, (is) => is("id_hash", "=", session.id_hash));
        return readEnd(db, session.id_hash);
      }),

    endSessions: ({ issuer, sub, reason, now, except, startedBefore }) =>
      attempt(async () => {
        const sessions = await endWhere(db, { reason, now }, (is) =>
          is.and([
            is("issuer", "=", issuer),
            is("sub", "=", sub),
            ...(except === undefined ? [] : [is("id_hash", "!=", hashSessionId(except))]),
            ...(startedBefore === undefined ? [] : [is("started_at", "<", startedBefore)]),
          ]),
        );
        return { kind: "ended", sessions };
      }),

    async endAllSessions({ reason, now }) {
      for (let count = 0; ; ) {
        const step = await attempt(async () => {
          const sessions = await endWhere(db, { reason, now }, (is) =>
            is(
              "id_hash",
              "in",
              is
                .selectFrom("latchkey_sessions")
                .select("id_hash")
                .where("ended_at", "is", null)
                .limit(BATCH),
            ),
          );
          return { kind: "ended" as const, count: sessions.length };
        });
        if (step.kind === "unavailable") return step;
        count += step.count;
        if (step.count === 0) return { kind: "ended", count };
      }
    },

    recentEnds: (since) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("latchkey_sessions")
          .select(["id_hash", "end_reason", "ended_at"])
          .where("ended_at", ">=", since)
          .orderBy("ended_at", "desc")
          .limit(MOST_ENDS)
          .execute();
        return { kind: "found", ends: rows.map(toEnd) };
      }),
  };
}

/** One statement, so that a session recorded at the same moment is ended too. */
async function remember(
  db: Kysely<Schema>,
  end: { idHash: string; reason: string; now: number; expiresAt: number },
): Promise<void> {
  const { idHash, now, expiresAt } = end;
  await db
    .insertInto("latchkey_sessions")
    .values({
      id_hash: idHash,
      generation: 0,
      started_at: now,
      last_seen_at: now,
      renewed_at: now,
      expires_at: expiresAt,
      ...endColumns(end),
    })
    .onConflict((conflict) =>
      conflict
        .column("id_hash")
        .doUpdateSet(endColumns(end))
        .where("latchkey_sessions.ended_at", "is", null),
    )
    .execute();
}

async function readEnd(db: Kysely<Schema>, idHash: string): Promise<EndSession> {
  const row = await db
    .selectFrom("latchkey_sessions")
    .select(["id_hash", "end_reason", "ended_at"])
    .where("id_hash", "=", idHash)
    .where("ended_at", "is not", null)
    .executeTakeFirst();
  return row === undefined ? { kind: "absent" } : { kind: "ended", ...toEnd(row) };
}

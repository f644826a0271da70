import { type ExpressionBuilder, type Kysely, sql } from "kysely";
import { EVERYBODY } from "../config/id-hash.server";
import type { Schema } from "./database/schema.server";
import type { StoreParts } from "./store-parts.server";

/**
 * An end that concerns many sessions is one mark: those that started at `endedBefore` or before, by the
 * database’s clock, are over. It holds for sessions whose rows are gone, and costs one write.
 */
export interface EndMark {
  /** A person’s hash, or `EVERYBODY`. */
  who: string;
  endedBefore: number;
  reason: string;
  /** The hashed id of a session that goes on; null for none. */
  spared: string | null;
}

type Sessions = ExpressionBuilder<Schema, "latchkey_sessions">;

/** The mark that ends a session of the statement at hand, if there is one. */
function marksOf(is: Sessions) {
  return is
    .selectFrom("latchkey_end_marks as mark")
    .where((or) =>
      or.or([
        or("mark.who", "=", EVERYBODY),
        or("mark.who", "=", or.ref("latchkey_sessions.person")),
      ]),
    )
    .whereRef("latchkey_sessions.started_at", "<=", "mark.ended_before")
    .where((or) =>
      or.or([
        or("mark.spared", "is", null),
        or("mark.spared", "!=", or.ref("latchkey_sessions.id_hash")),
      ]),
    );
}

/** A session that has not ended, neither by itself nor by a mark. */
export function isLive(is: Sessions) {
  return is.and([
    is("latchkey_sessions.ended_at", "is", null),
    is.not(is.exists(marksOf(is).select("mark.who"))),
  ]);
}

/** The reason of a mark that ends the session, or null. */
export function markedReason(is: Sessions) {
  return marksOf(is).select("mark.reason").orderBy("mark.ended_before", "desc").limit(1);
}

/**
 * Sets a mark, or moves the one that is there: never back.
 *
 * @param mark.endedBefore ms; by default now, and no earlier than any live session of theirs has started.
 * @returns the mark as it is, and how many sessions it found live.
 */
export async function setMark(
  db: Kysely<Schema>,
  now: StoreParts["now"],
  mark: { who: string; reason: string; spared: string | null; endedBefore?: number },
): Promise<{ mark: EndMark; count: number }> {
  const { who, reason, spared } = mark;
  const theirs = db
    .selectFrom("latchkey_sessions")
    .where("ended_at", "is", null)
    .$if(who !== EVERYBODY, (query) => query.where("person", "=", who));
  const moment = await theirs
    .select((is) => [is.fn.max("started_at").as("latest"), now().as("now")])
    .executeTakeFirstOrThrow();
  const endedBefore = mark.endedBefore ?? Math.max(moment.now, moment.latest ?? 0);
  const counted = await theirs
    .select((is) => is.fn.countAll<number | string>().as("count"))
    .where(isLive)
    .where("started_at", "<=", endedBefore)
    .$if(spared !== null, (query) => query.where("id_hash", "!=", spared ?? ""))
    .executeTakeFirstOrThrow();
  const later = sql<boolean>`excluded.ended_before >= latchkey_end_marks.ended_before`;
  const row = await db
    .insertInto("latchkey_end_marks")
    .values({ who, ended_before: endedBefore, reason, spared, marked_at: now() })
    .onConflict((conflict) =>
      conflict.column("who").doUpdateSet((is) => ({
        ended_before: is
          .case()
          .when(later)
          .then(is.ref("excluded.ended_before"))
          .else(is.ref("latchkey_end_marks.ended_before"))
          .end(),
        reason: is
          .case()
          .when(later)
          .then(is.ref("excluded.reason"))
          .else(is.ref("latchkey_end_marks.reason"))
          .end(),
        spared: is
          .case()
          .when(later)
          .then(sparedByBoth(db, "excluded", "latchkey_end_marks"))
          .else(sparedByBoth(db, "latchkey_end_marks", "excluded"))
          .end(),
        marked_at: is.ref("excluded.marked_at"),
        swept_at: null,
      })),
    )
    .returning(["who", "ended_before", "reason", "spared"])
    .executeTakeFirstOrThrow();
  return { mark: toMark(row), count: Number(counted.count) };
}

/** Whom the later of two marks spares, unless the earlier one ends it: what is over stays over. */
function sparedByBoth(db: Kysely<Schema>, later: string, earlier: string) {
  const spared = sql.ref<string | null>(`${later}.spared`);
  const startedAt = db
    .selectFrom("latchkey_sessions")
    .select("started_at")
    .where("id_hash", "=", spared);
  return sql<string | null>`case when ${spared} = ${sql.ref(`${earlier}.spared`)}
    or (${startedAt}) > ${sql.ref(`${earlier}.ended_before`)} then ${spared} end`;
}

/** What an end writes: a session that has ended keeps no tokens, and no refresh can publish. */
export const NO_TOKENS = {
  sealed_access: null,
  sealed_refresh: null,
  refresh_token_hash: null,
  refresh_token_prefix_hash: null,
  lease_holder: null,
  lease_until: null,
};

/**
 * Writes a mark down in the rows of its sessions, which deletes their tokens.
 *
 * @returns how many rows this step has changed: `limit` if there may be more.
 */
export async function sweepMark(
  db: Kysely<Schema>,
  now: StoreParts["now"],
  { who, endedBefore, reason, spared }: EndMark,
  limit: number,
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("latchkey_sessions")
    .set({ ...NO_TOKENS, ended_at: now(), end_reason: reason, ended_by_mark: 1 })
    // Said twice: one that has ended by itself since the list was made keeps its own reason.
    .where("ended_at", "is", null)
    .where("id_hash", "in", (is) =>
      is
        .selectFrom("latchkey_sessions")
        .select("id_hash")
        .where("ended_at", "is", null)
        .where("started_at", "<=", endedBefore)
        .$if(who !== EVERYBODY, (query) => query.where("person", "=", who))
        .$if(spared !== null, (query) => query.where("id_hash", "!=", spared ?? ""))
        .orderBy("started_at")
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

export function toMark(row: {
  who: string;
  ended_before: number;
  reason: string;
  spared: string | null;
}): EndMark {
  return { who: row.who, endedBefore: row.ended_before, reason: row.reason, spared: row.spared };
}

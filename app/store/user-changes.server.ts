import { sql } from "kysely";
import { hashPerson } from "../config/id-hash.server";
import type { StoreUnavailable } from "./availability.server";
import { type EndMark, setMark, sweepMark } from "./end-marks.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/** `absent`: nobody with this key has signed in, or the account was deleted. */
type UserChanged = { kind: "set" } | { kind: "absent" } | StoreUnavailable;
/** `ended`: the mark that ends the person’s sessions, and how many it found live; null when enabling. */
type UserDisabled = { kind: "set"; ended: Ended | null } | { kind: "absent" } | StoreUnavailable;
type UserDeleted = { kind: "deleted"; ended: Ended } | StoreUnavailable;
interface Ended {
  mark: EndMark;
  count: number;
}

export interface UserChanges {
  /**
   * An operator’s switch. A disabled account loses all sessions in the same step, for `reason`, and
   * can’t sign in; being disabled again keeps the first time. `reason` isn’t used when enabling.
   */
  setUserDisabled(change: UserKey & { disabled: boolean; reason: string }): Promise<UserDisabled>;
  /**
   * Google reports the account disabled, or enabled again: sign-in is refused, sessions go on.
   *
   * @param change.at ms: the time of Google’s word.
   */
  setGoogleBlocked(change: UserKey & { blocked: boolean; at: number }): Promise<UserChanged>;
  /** From now on only sign-ins since `after` may do what is dangerous. The latest demand counts. */
  requireStepUp(demand: UserKey & { after: number }): Promise<UserChanged>;
  /**
   * Ends the person’s sessions for `reason` and removes every row that names them (MP-08). What stays
   * of a session is its hashed id, reason and times, until it would have ended by itself, and a mark
   * for sessions without a row: a copied cookie stays worthless.
   */
  deleteUser(end: UserKey & { reason: string }): Promise<UserDeleted>;
}

export function createUserChanges({ db, attempt, now }: StoreParts): UserChanges {
  type Mark = "disabled_at" | "google_blocked_at";

  async function mark(
    on: typeof db,
    key: UserKey,
    column: Mark,
    at: number | ReturnType<typeof now> | null,
  ) {
    const { numUpdatedRows } = await on
      .updateTable("latchkey_users")
      // Marking twice keeps the first time.
      .set((is) => ({
        [column]: at === null ? null : is.fn.coalesce(column, sql<number>`${at}`),
      }))
      .where("issuer", "=", key.issuer)
      .where("sub", "=", key.sub)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** A person’s sessions and their tokens, all in the transaction that keeps the person from signing in. */
  async function endAllOf(on: typeof db, key: UserKey, reason: string): Promise<Ended> {
    const ended = await setMark(on, now, { who: hashPerson(key), reason, spared: null });
    await sweepMark(on, now, ended.mark, ALL_OF_THEM);
    return ended;
  }

  return {
    setUserDisabled: ({ disabled, reason, ...key }) =>
      attempt(() =>
        db.transaction().execute(async (transaction) => {
          if (!(await mark(transaction, key, "disabled_at", disabled ? now() : null))) {
            return { kind: "absent" };
          }
          const ended = disabled ? await endAllOf(transaction, key, reason) : null;
          return { kind: "set", ended };
        }),
      ),

    setGoogleBlocked: ({ blocked, at, issuer, sub }) =>
      attempt(async () => {
        if (blocked) {
          const known = await mark(db, { issuer, sub }, "google_blocked_at", at);
          return { kind: known ? "set" : "absent" };
        }
        const { numUpdatedRows } = await db
          .updateTable("latchkey_users")
          .set({ google_blocked_at: null, google_enabled_at: at })
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .executeTakeFirst();
        return { kind: numUpdatedRows > 0n ? "set" : "absent" };
      }),

    requireStepUp: ({ after, issuer, sub }) =>
      attempt(async () => {
        const { numUpdatedRows } = await db
          .updateTable("latchkey_users")
          .set((is) => ({
            step_up_required_at: is
              .case()
              .when("step_up_required_at", ">", after)
              .then(is.ref("step_up_required_at"))
              .else(after)
              .end(),
          }))
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .executeTakeFirst();
        return { kind: numUpdatedRows > 0n ? "set" : "absent" };
      }),

    deleteUser: ({ issuer, sub, reason }) =>
      attempt(() =>
        db.transaction().execute(async (transaction) => {
          const key = { issuer, sub };
          // Locks the person’s row first, so that a sign-in at the same moment comes before or after.
          const known = await mark(transaction, key, "google_blocked_at", null);
          const ended = await endAllOf(transaction, key, reason);
          // Nobody’s row was locked: whoever signs in for the first time just now isn’t meant.
          if (!known) return { kind: "deleted", ended };
          await transaction
            .updateTable("latchkey_sessions")
            .set((is) => ({
              ...NOBODY,
              started_at: is.ref("ended_at").$notNull(),
              last_seen_at: is.ref("ended_at").$notNull(),
              renewed_at: is.ref("ended_at").$notNull(),
            }))
            .where("issuer", "=", issuer)
            .where("sub", "=", sub)
            .execute();
          await transaction
            .deleteFrom("latchkey_users")
            .where("issuer", "=", issuer)
            .where("sub", "=", sub)
            .execute();
          return { kind: "deleted", ended };
        }),
      ),
  };
}

const ALL_OF_THEM = Number.MAX_SAFE_INTEGER;

const NOBODY = {
  issuer: null,
  sub: null,
  person: null,
  handle: null,
  generation: 0,
  browser: null,
  system: null,
};

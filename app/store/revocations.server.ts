import { hashPerson } from "../config/id-hash.server";
import { randomId } from "../config/random.server";
import type { StoreUnavailable } from "./availability.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/** A grant that is to be given back to Google, its token sealed. */
export interface OwedRevocation {
  id: string;
  sealedRefresh: string;
  /** How often it was tried, this time included. */
  tries: number;
}

/** What is owed to Google until it takes it, whatever becomes of the process that owed it first. */
export interface Revocations {
  /**
   * Notes it down. It is taken up by `takeRevocation` after `afterMs`, unless somebody settles it or the
   * person signs in before: with that they give the grant anew.
   */
  oweRevocation(
    owed: UserKey & { sealedRefresh: string; afterMs: number },
  ): Promise<{ kind: "owed"; id: string } | StoreUnavailable>;
  /**
   * Takes up one that is due, so that no other process does for `pauseMs`.
   *
   * @param pauseMs by how often it was tried before.
   * @param aheadMs takes those too that will be due by then.
   */
  takeRevocation(
    pauseMs: (tries: number) => number,
    aheadMs?: number,
  ): Promise<{ kind: "taken"; owed: OwedRevocation } | { kind: "none" } | StoreUnavailable>;
  /** Google has taken it, or never will. */
  settleRevocation(id: string): Promise<{ kind: "settled" } | StoreUnavailable>;
  countRevocations(): Promise<{ kind: "counted"; count: number } | StoreUnavailable>;
}

export function createRevocations({ db, attempt, now, random }: StoreParts): Revocations {
  return {
    oweRevocation: ({ sealedRefresh, afterMs, ...key }) =>
      attempt(async () => {
        const id = randomId(random);
        await db
          .insertInto("latchkey_revocations")
          .values((is) => ({
            id,
            person: hashPerson(key),
            sealed_refresh: sealedRefresh,
            tries: 0,
            next_try_at: is(now(), "+", afterMs),
          }))
          .execute();
        return { kind: "owed", id };
      }),

    takeRevocation: (pauseMs, aheadMs = 0) =>
      attempt(async () => {
        for (;;) {
          const due = await db
            .selectFrom("latchkey_revocations")
            .select(["id", "sealed_refresh", "tries"])
            .where((is) => is("next_try_at", "<=", is(now(), "+", aheadMs)))
            .orderBy("next_try_at")
            .limit(1)
            .executeTakeFirst();
          if (due === undefined) return { kind: "none" };
          const tries = due.tries + 1;
          const { numUpdatedRows } = await db
            .updateTable("latchkey_revocations")
            .set((is) => ({ tries, next_try_at: is(now(), "+", pauseMs(due.tries)) }))
            .where("id", "=", due.id)
            .where("tries", "=", due.tries)
            .executeTakeFirst();
          // Else another process was faster, and there may be more.
          if (numUpdatedRows > 0n) {
            return {
              kind: "taken",
              owed: { id: due.id, sealedRefresh: due.sealed_refresh, tries },
            };
          }
        }
      }),

    settleRevocation: (id) =>
      attempt(async () => {
        await db.deleteFrom("latchkey_revocations").where("id", "=", id).execute();
        return { kind: "settled" };
      }),

    countRevocations: () =>
      attempt(async () => {
        const { count } = await db
          .selectFrom("latchkey_revocations")
          .select((is) => is.fn.countAll<number | string>().as("count"))
          .executeTakeFirstOrThrow();
        return { kind: "counted", count: Number(count) };
      }),
  };
}

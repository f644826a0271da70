import { sql } from "kysely";
import { EVERYBODY, hashPerson, hashSessionId } from "../config/id-hash.server";
import { randomId } from "../config/random.server";
import type { StoreUnavailable } from "./availability.server";
import type { RefreshTokenIds } from "./refresh-token-ids.server";
import type { SealedTokens } from "./sessions.server";
import { type StoreParts, storable, type UserKey } from "./store-parts.server";

/** A sign-in that Google has confirmed. */
export interface SignIn {
  user: UserKey & {
    name: string;
    email: string;
    picture: string | null;
    hostedDomain: string | null;
  };
  session: {
    id: string;
    sealed: SealedTokens;
    refreshTokenIds: RefreshTokenIds;
    /** The first use, in ms by the caller’s clock. */
    seenAt: number;
    /** In plain words, such as "Firefox"; null when the browser didn’t say. */
    browser: string | null;
    system: string | null;
  };
}

/**
 * - `recorded`: the person is known now, and the session exists with generation 0. It began at
 *   `startedAt` (ms) by the database’s clock, later than every mark that ends others.
 * - `disabled`: nothing was written; the account is disabled here (`operator`), or Google reported it
 *   disabled (`google`).
 */
type SignInRecorded =
  | { kind: "recorded"; startedAt: number }
  | { kind: "disabled"; by: "operator" | "google" }
  | StoreUnavailable;

export interface SignIns {
  /** Adds or updates the person and adds the session: both, or nothing. */
  recordSignIn(signIn: SignIn): Promise<SignInRecorded>;
}

export function createSignIns({ db, attempt, random, now }: StoreParts): SignIns {
  return {
    recordSignIn: ({ user, session }) =>
      attempt(() =>
        db.transaction().execute(async (transaction) => {
          const { issuer, sub } = user;
          const shown = {
            name: storable(user.name),
            email: storable(user.email),
            picture: storable(user.picture),
            hosted_domain: storable(user.hostedDomain),
            last_signed_in_at: now(),
          };
          // The person’s row stays locked until the session is there too: whoever disables the
          // account meanwhile waits, and then finds the session to end.
          const allowed = await transaction
            .insertInto("latchkey_users")
            .values({ issuer, sub, ...shown, created_at: now() })
            .onConflict((conflict) =>
              conflict
                .columns(["issuer", "sub"])
                .doUpdateSet(shown)
                .where("latchkey_users.disabled_at", "is", null)
                .where("latchkey_users.google_blocked_at", "is", null),
            )
            .returning("sub")
            .executeTakeFirst();
          if (allowed === undefined) {
            const row = await transaction
              .selectFrom("latchkey_users")
              .select("disabled_at")
              .where("issuer", "=", issuer)
              .where("sub", "=", sub)
              .executeTakeFirst();
            const byGoogle = row !== undefined && row.disabled_at === null;
            return { kind: "disabled", by: byGoogle ? "google" : "operator" };
          }
          const person = hashPerson({ issuer, sub });
          // A grant that was given anew isn’t given back any more: Google would take back all of it.
          await transaction
            .deleteFrom("latchkey_revocations")
            .where("person", "=", person)
            .execute();
          const marked = transaction
            .selectFrom("latchkey_end_marks")
            .select((is) => is(is.fn.max("ended_before"), "+", 1).as("after"))
            .where("who", "in", [EVERYBODY, person]);
          const { startedAt } = await transaction
            .insertInto("latchkey_sessions")
            .values({
              id_hash: hashSessionId(session.id),
              handle: randomId(random),
              issuer,
              sub,
              person,
              generation: 0,
              sealed_access: session.sealed.access,
              sealed_refresh: session.sealed.refresh,
              refresh_token_hash: session.refreshTokenIds.hash,
              refresh_token_prefix_hash: session.refreshTokenIds.prefixHash,
              // A clock that was set back begins no session that is over already.
              started_at: sql<number>`case when (${marked}) > ${now()} then (${marked}) else ${now()} end`,
              last_seen_at: session.seenAt,
              renewed_at: now(),
              browser: storable(session.browser),
              system: storable(session.system),
            })
            .returning("started_at as startedAt")
            .executeTakeFirstOrThrow();
          return { kind: "recorded", startedAt };
        }),
      ),
  };
}

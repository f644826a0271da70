import { hashSessionId } from "../config/id-hash.server";
import { randomId } from "../config/random.server";
import type { StoreUnavailable } from "./availability.server";
import type { RefreshTokenIds } from "./refresh-token-ids.server";
import { type StoreParts, storable, type UserKey } from "./store-parts.server";

/** A sign-in that Google has confirmed. Times in ms. */
export interface SignIn {
  user: UserKey & { name: string; email: string; picture: string | null };
  session: {
    id: string;
    sealedTokens: string;
    refreshTokenIds: RefreshTokenIds;
    startedAt: number;
    /** The absolute end, after which the row is pruned. */
    expiresAt: number;
    /** In plain words, such as "Firefox"; null when the browser didn't say. */
    browser: string | null;
    system: string | null;
  };
  now: number;
}

/**
 * - `recorded`: the person is known now, and the session exists with generation 0.
 * - `disabled`: nothing was written; the account is disabled here (`operator`), or Google reported it
 *   disabled (`google`).
 */
type SignInRecorded =
  | { kind: "recorded" }
  | { kind: "disabled"; by: "operator" | "google" }
  | StoreUnavailable;

export interface SignIns {
  /** Adds or updates the person and adds the session: both, or nothing. */
  recordSignIn(signIn: SignIn): Promise<SignInRecorded>;
}

export function createSignIns({ db, attempt, random }: StoreParts): SignIns {
  return {
    recordSignIn: ({ user, session, now }) =>
      attempt(() =>
        db.transaction().execute(async (transaction) => {
          const { issuer, sub } = user;
          const shown = {
            name: storable(user.name),
            email: storable(user.email),
            picture: storable(user.picture),
            last_signed_in_at: now,
          };
          // The person's row stays locked until the session is there too: whoever disables the
          // account meanwhile waits, and then finds the session to end.
          const allowed = await transaction
            .insertInto("latchkey_users")
            .values({ issuer, sub, ...shown, created_at: now })
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
          await transaction
            .insertInto("latchkey_sessions")
            .values({
              id_hash: hashSessionId(session.id),
              handle: randomId(random),
              issuer,
              sub,
              generation: 0,
              sealed_tokens: session.sealedTokens,
              refresh_token_hash: session.refreshTokenIds.hash,
              refresh_token_prefix_hash: session.refreshTokenIds.prefixHash,
              started_at: session.startedAt,
              last_seen_at: now,
              renewed_at: now,
              expires_at: session.expiresAt,
              browser: storable(session.browser),
              system: storable(session.system),
            })
            .execute();
          return { kind: "recorded" };
        }),
      ),
  };
}

import type { ExpressionBuilder, Kysely } from "kysely";
import type { StoreUnavailable } from "./availability.server";
import type { Schema } from "./database/schema.server";
import { isLive, NO_TOKENS } from "./end-marks.server";
import type { RefreshTokenId, RefreshTokenIds } from "./refresh-token-ids.server";
import { grantLease, type SealedTokens, type Within } from "./sessions.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/** How many sessions' tokens were deleted. */
type ForgetTokens = { kind: "forgotten"; count: number } | StoreUnavailable;

export interface Tokens {
  /**
   * The tokens written last among a person’s live sessions, so that a sign-in on another browser
   * needs no consent round; `none` when no live session has any.
   */
  tokensOf(
    query: UserKey & Within,
  ): Promise<{ kind: "found"; sealed: SealedTokens } | { kind: "none" } | StoreUnavailable>;

  /**
   * Deletes one refresh token from every session that holds it (SO-22). They go on until their access
   * token ends; a refresh under way can’t bring it back.
   */
  forgetRefreshToken(id: RefreshTokenId): Promise<ForgetTokens>;

  /**
   * Asks for the lease on a grant by its refresh token, for somebody who has no session of it yet: the
   * same that `claimRefresh` gives.
   *
   * @param claim.holder names this one attempt: a new random id each time.
   * @returns `held`: somebody exchanges the token just now. `absent`: no live session of the person’s has it.
   */
  claimGrant(
    claim: UserKey & { refreshTokenHash: string; holder: string; leaseMs: number },
  ): Promise<{ kind: "claimed" } | { kind: "held" } | { kind: "absent" } | StoreUnavailable>;

  /** Gives the lease back, whatever the token has been replaced by. */
  releaseGrant(
    claim: UserKey & { holder: string },
  ): Promise<{ kind: "released" } | StoreUnavailable>;

  /**
   * Puts a new refresh token in the place of one that is good no more, in every session that holds it.
   *
   * @param replacement.replaces the old one’s hash.
   */
  replaceRefreshToken(replacement: {
    replaces: string;
    sealedRefresh: string;
    refreshTokenIds: RefreshTokenIds;
  }): Promise<{ kind: "replaced" } | StoreUnavailable>;
}

export function createTokens({ db, attempt, now }: StoreParts): Tokens {
  return {
    tokensOf: ({ issuer, sub, startedAfter, seenAfter }) =>
      attempt(async () => {
        const row = await db
          .selectFrom("latchkey_sessions")
          .select(["sealed_access", "sealed_refresh"])
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .where(isLive)
          .where("started_at", ">", startedAfter)
          .where("last_seen_at", ">", seenAfter)
          .where("sealed_refresh", "is not", null)
          .orderBy("renewed_at", "desc")
          .orderBy("id_hash")
          .limit(1)
          .executeTakeFirst();
        const { sealed_access: access, sealed_refresh: refresh } = row ?? {};
        return access && refresh
          ? { kind: "found", sealed: { access, refresh } }
          : { kind: "none" };
      }),

    forgetRefreshToken: (id) =>
      attempt(async () => {
        const update = db.updateTable("latchkey_sessions").set(NO_TOKENS);
        const { numUpdatedRows } = await ("hash" in id
          ? update.where("refresh_token_hash", "=", id.hash)
          : update.where("refresh_token_prefix_hash", "=", id.prefixHash)
        ).executeTakeFirst();
        return { kind: "forgotten", count: Number(numUpdatedRows) };
      }),

    claimGrant: ({ issuer, sub, refreshTokenHash, holder, leaseMs }) =>
      attempt(() =>
        db.transaction().execute(async (tx) => {
          // Claims of one person’s come one after the other, as `claimRefresh` has it.
          await tx
            .updateTable("latchkey_users")
            .set((is) => ({ name: is.ref("name") }))
            .where("issuer", "=", issuer)
            .where("sub", "=", sub)
            .execute();
          const row = await tx
            .selectFrom("latchkey_sessions")
            .select((is) => ["id_hash", grantLease(is, now).as("leaseUntil")])
            .where("issuer", "=", issuer)
            .where("sub", "=", sub)
            .where("refresh_token_hash", "=", refreshTokenHash)
            .where(isLive)
            .orderBy("id_hash")
            .limit(1)
            .executeTakeFirst();
          if (row === undefined) return { kind: "absent" };
          if (row.leaseUntil !== null) return { kind: "held" };
          await tx
            .updateTable("latchkey_sessions")
            .set((is) => ({ lease_holder: holder, lease_until: is(now(), "+", leaseMs) }))
            .where("id_hash", "=", row.id_hash)
            .execute();
          return { kind: "claimed" };
        }),
      ),

    releaseGrant: ({ issuer, sub, holder }) =>
      attempt(async () => {
        await db
          .updateTable("latchkey_sessions")
          .set({ lease_holder: null, lease_until: null })
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .where("lease_holder", "=", holder)
          .execute();
        return { kind: "released" };
      }),

    replaceRefreshToken: ({ replaces, ...grant }) =>
      attempt(async () => {
        await replaceGrant(db, replaces, grantColumns(grant));
        return { kind: "replaced" };
      }),
  };
}

export type GrantColumns = ReturnType<typeof grantColumns>;

/** What a row tells of its refresh token. */
export function grantColumns(grant: { sealedRefresh: string; refreshTokenIds: RefreshTokenIds }) {
  return {
    sealed_refresh: grant.sealedRefresh,
    refresh_token_hash: grant.refreshTokenIds.hash,
    refresh_token_prefix_hash: grant.refreshTokenIds.prefixHash,
  };
}

/** @param replaces the hash of the token that is good no more. */
export async function replaceGrant(
  db: Kysely<Schema>,
  replaces: string,
  grant: GrantColumns,
): Promise<void> {
  await db
    .updateTable("latchkey_sessions")
    .set(grant)
    .where("refresh_token_hash", "=", replaces)
    .execute();
}

/**
 * The grant of a refresh that brought no new refresh token. Where another session’s refresh has replaced
 * the token since, that one is the newer; a row that has missed a refresh has an older one.
 */
export function unlessReplaced(
  is: ExpressionBuilder<Schema, "latchkey_sessions">,
  grant: GrantColumns,
  generation: number,
) {
  const isReplaced = is.and([
    is("generation", "=", generation),
    is("refresh_token_hash", "!=", grant.refresh_token_hash),
  ]);
  const unless = (column: keyof GrantColumns) =>
    is.case().when(isReplaced).then(is.ref(column)).else(grant[column]).end();
  return {
    sealed_refresh: unless("sealed_refresh"),
    refresh_token_hash: unless("refresh_token_hash"),
    refresh_token_prefix_hash: unless("refresh_token_prefix_hash"),
  };
}

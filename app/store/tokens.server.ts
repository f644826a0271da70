import type { StoreUnavailable } from "./availability.server";
import type { RefreshTokenId } from "./refresh-token-ids.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/** The hashed ids of the sessions whose tokens were deleted. */
type ForgetTokens = { kind: "forgotten"; sessions: string[] } | StoreUnavailable;

export interface Tokens {
  /**
   * The tokens written last among a person's live sessions, so that a sign-in on another browser
   * needs no consent round; `none` when no live session has any.
   */
  refreshTokenOf(
    query: UserKey & { now: number },
  ): Promise<{ kind: "found"; sealedTokens: string } | { kind: "none" } | StoreUnavailable>;

  /**
   * Deletes the tokens of a person's sessions, which go on until their access token ends. A refresh
   * under way can't bring them back.
   *
   * @param query.startedBefore ms: sessions started at or after it keep theirs.
   */
  forgetTokens(query: UserKey & { startedBefore?: number }): Promise<ForgetTokens>;

  /** The same for every session that holds this one refresh token (SO-22). */
  forgetRefreshToken(id: RefreshTokenId): Promise<ForgetTokens>;
}

/** Without its lease a refresh under way can't publish. */
const FORGOTTEN = {
  sealed_tokens: null,
  refresh_token_hash: null,
  refresh_token_prefix_hash: null,
  lease_holder: null,
  lease_until: null,
};

export function createTokens({ db, attempt }: StoreParts): Tokens {
  return {
    refreshTokenOf: ({ issuer, sub, now }) =>
      attempt(async () => {
        const row = await db
          .selectFrom("latchkey_sessions")
          .select("sealed_tokens")
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .where("ended_at", "is", null)
          .where("expires_at", ">", now)
          .where("sealed_tokens", "is not", null)
          .orderBy("renewed_at", "desc")
          .orderBy("id_hash")
          .limit(1)
          .executeTakeFirst();
        const sealedTokens = row?.sealed_tokens ?? null;
        return sealedTokens === null ? { kind: "none" } : { kind: "found", sealedTokens };
      }),

    forgetTokens: ({ issuer, sub, startedBefore }) =>
      attempt(async () => {
        let update = db
          .updateTable("latchkey_sessions")
          .set(FORGOTTEN)
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .where("sealed_tokens", "is not", null);
        if (startedBefore !== undefined) update = update.where("started_at", "<", startedBefore);
        const rows = await update.returning("id_hash").execute();
        return { kind: "forgotten", sessions: rows.map((row) => row.id_hash) };
      }),

    forgetRefreshToken: (id) =>
      attempt(async () => {
        const update = db.updateTable("latchkey_sessions").set(FORGOTTEN);
        const rows = await ("hash" in id
          ? update.where("refresh_token_hash", "=", id.hash)
          : update.where("refresh_token_prefix_hash", "=", id.prefixHash)
        )
          .returning("id_hash")
          .execute();
        return { kind: "forgotten", sessions: rows.map((row) => row.id_hash) };
      }),
  };
}

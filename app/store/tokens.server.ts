import type { StoreUnavailable } from "./availability.server";
import { isLive, NO_TOKENS } from "./end-marks.server";
import type { RefreshTokenId } from "./refresh-token-ids.server";
import type { SealedTokens, Within } from "./sessions.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/** How many sessions' tokens were deleted. */
type ForgetTokens = { kind: "forgotten"; count: number } | StoreUnavailable;

export interface Tokens {
  /**
   * The tokens written last among a person's live sessions, so that a sign-in on another browser
   * needs no consent round; `none` when no live session has any.
   */
  tokensOf(
    query: UserKey & Within,
  ): Promise<{ kind: "found"; sealed: SealedTokens } | { kind: "none" } | StoreUnavailable>;

  /**
   * Deletes one refresh token from every session that holds it (SO-22). They go on until their access
   * token ends; a refresh under way can't bring it back.
   */
  forgetRefreshToken(id: RefreshTokenId): Promise<ForgetTokens>;
}

export function createTokens({ db, attempt }: StoreParts): Tokens {
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
  };
}

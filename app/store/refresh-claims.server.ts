import { hashSessionId } from "../config/id-hash.server";
import type { StoreUnavailable } from "./availability.server";
import type { RefreshTokenIds } from "./refresh-token-ids.server";
import { readStoredSession, type StoredSession } from "./sessions.server";
import type { StoreParts } from "./store-parts.server";

/**
 * Why a refresh isn't the caller's to do or to write.
 * - `newer`: a later generation is there; use its tokens, don't ask Google.
 * - `held`: somebody else refreshes until `until` (ms) at most.
 * - `ended`: the session has ended.
 * - `forgotten`: the person's tokens were deleted. Those in the cookie are dead too; only a new
 *   consent helps.
 * - `absent`: never recorded here, or pruned after its absolute end.
 */
type RefreshElsewhere =
  | { kind: "newer"; generation: number; sealedTokens: string }
  | { kind: "held"; until: number }
  | { kind: "ended"; reason: string; at: number }
  | { kind: "forgotten" }
  | { kind: "absent" };

/** `claimed`: this caller alone may refresh, until its lease runs out and somebody takes over. */
type ClaimRefresh = { kind: "claimed" } | RefreshElsewhere | StoreUnavailable;

/**
 * `lost`: nothing was written, since what is there `now` came first; `unclaimed` where the lease was
 * taken away and nobody has it.
 */
type PublishRefresh =
  | { kind: "published"; generation: number }
  | { kind: "lost"; now: RefreshElsewhere | { kind: "unclaimed" } }
  | StoreUnavailable;

export interface RefreshClaims {
  /**
   * Asks for the lease on a session's refresh; one conditional UPDATE decides. A lease that ran out
   * can be taken over. The row may be behind `generation`, after refreshes without the database.
   *
   * @param claim.generation that of the caller's cookie.
   * @param claim.holder names this one attempt: a new random id each time.
   * @param claim.leaseUntil ms; later than the deadline of the call to Google.
   */
  claimRefresh(claim: {
    id: string;
    generation: number;
    holder: string;
    leaseUntil: number;
    now: number;
  }): Promise<ClaimRefresh>;

  /**
   * Writes the tokens as `generation` + 1 and gives the lease back, only if the lease is still
   * `holder`'s, run out or not, no newer generation is there and the session hasn't ended.
   *
   * @param refresh.generation the one that was claimed.
   */
  publishRefresh(refresh: {
    id: string;
    generation: number;
    holder: string;
    sealedTokens: string;
    refreshTokenIds: RefreshTokenIds;
    now: number;
  }): Promise<PublishRefresh>;

  /** Gives the lease back without a result. Nothing happens if it isn't `holder`'s any more. */
  releaseRefresh(claim: {
    id: string;
    holder: string;
  }): Promise<{ kind: "released" } | StoreUnavailable>;
}

/** A lease that is given back just between the UPDATE and the look at the row is tried again. */
const CLAIM_TRIES = 3;

export function createRefreshClaims({ db, attempt }: StoreParts): RefreshClaims {
  return {
    claimRefresh: ({ id, generation, holder, leaseUntil, now }) =>
      attempt(async () => {
        const idHash = hashSessionId(id);
        for (let tries = 0; tries < CLAIM_TRIES; tries++) {
          const { numUpdatedRows } = await db
            .updateTable("latchkey_sessions")
            .set({ lease_holder: holder, lease_until: leaseUntil })
            .where("id_hash", "=", idHash)
            .where("generation", "<=", generation)
            .where("ended_at", "is", null)
            .where("sealed_tokens", "is not", null)
            .where((is) => is.or([is("lease_until", "is", null), is("lease_until", "<=", now)]))
            .executeTakeFirst();
          if (numUpdatedRows > 0n) return { kind: "claimed" };
          const found = elsewhere(await readStoredSession(db, idHash), generation, now);
          if (found.kind !== "unclaimed") return found;
        }
        return { kind: "held", until: now };
      }),

    publishRefresh: ({ id, generation, holder, sealedTokens, refreshTokenIds, now }) =>
      attempt(async () => {
        const idHash = hashSessionId(id);
        const { numUpdatedRows } = await db
          .updateTable("latchkey_sessions")
          .set({
            generation: generation + 1,
            sealed_tokens: sealedTokens,
            refresh_token_hash: refreshTokenIds.hash,
            refresh_token_prefix_hash: refreshTokenIds.prefixHash,
            renewed_at: now,
            lease_holder: null,
            lease_until: null,
          })
          .where("id_hash", "=", idHash)
          .where("generation", "<=", generation)
          .where("lease_holder", "=", holder)
          .where("ended_at", "is", null)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) return { kind: "published", generation: generation + 1 };
        return {
          kind: "lost",
          now: elsewhere(await readStoredSession(db, idHash), generation, now),
        };
      }),

    releaseRefresh: ({ id, holder }) =>
      attempt(async () => {
        await db
          .updateTable("latchkey_sessions")
          .set({ lease_holder: null, lease_until: null })
          .where("id_hash", "=", hashSessionId(id))
          .where("lease_holder", "=", holder)
          .execute();
        return { kind: "released" };
      }),
  };
}

function elsewhere(
  session: StoredSession | { kind: "absent" },
  generation: number,
  now: number,
): RefreshElsewhere | { kind: "unclaimed" } {
  if (session.kind === "absent") return session;
  if (session.ended) return { kind: "ended", ...session.ended };
  if (session.sealedTokens === null) return { kind: "forgotten" };
  if (session.generation > generation) {
    return { kind: "newer", generation: session.generation, sealedTokens: session.sealedTokens };
  }
  const { lease } = session;
  return lease && lease.until > now ? { kind: "held", until: lease.until } : { kind: "unclaimed" };
}

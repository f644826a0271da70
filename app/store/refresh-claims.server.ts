import { hashSessionId } from "../config/id-hash.server";
import type { StoreUnavailable } from "./availability.server";
import { isLive } from "./end-marks.server";
import type { RefreshTokenIds } from "./refresh-token-ids.server";
import {
  grantLease,
  later,
  readStoredSession,
  type SealedTokens,
  type StoredSession,
} from "./sessions.server";
import type { StoreParts } from "./store-parts.server";
import { grantColumns, replaceGrant, unlessReplaced } from "./tokens.server";

/**
 * Why a refresh isn’t the caller’s to do or to write.
 * - `newer`: a later generation is there; use its tokens, don’t ask Google.
 * - `held`: somebody else refreshes, for `leftMs` at most.
 * - `ended`: the session has ended.
 * - `forgotten`: the person’s tokens were deleted. Those in the cookie are dead too; only a new
 *   consent helps.
 * - `absent`: this database knows no such session.
 */
type RefreshElsewhere =
  | { kind: "newer"; generation: number; sealed: SealedTokens }
  | { kind: "held"; leftMs: number }
  | { kind: "ended"; reason: string }
  | { kind: "forgotten" }
  | { kind: "absent" };

/**
 * `claimed`: this caller alone may refresh this grant, until its lease runs out and somebody takes over,
 * with the refresh token that the row has now. A row whose `generation` is behind the claim’s has missed
 * a refresh, and its token may be used up: the caller’s own is the newer one.
 */
type ClaimRefresh =
  | { kind: "claimed"; sealedRefresh: string; generation: number }
  | RefreshElsewhere
  | StoreUnavailable;

/** `lost`: nothing was written, since what is there `now` came first. */
type PublishRefresh =
  | { kind: "published"; generation: number }
  | { kind: "lost"; now: RefreshElsewhere | { kind: "unclaimed" } }
  | StoreUnavailable;

export interface RefreshClaims {
  /**
   * Asks for the lease on the refresh of a session’s grant, which is one for all sessions that have its
   * refresh token; the database decides, by its clock. A lease that ran out can be taken over. The row
   * may be behind `generation`, after refreshes without the database.
   *
   * @param claim.generation that of the caller’s cookie.
   * @param claim.holder names this one attempt: a new random id each time.
   * @param claim.leaseMs longer than all that the holder does with it.
   * @param claim.seenAt ms: the last use that the caller’s cookie knows of.
   */
  claimRefresh(claim: {
    id: string;
    generation: number;
    holder: string;
    leaseMs: number;
    seenAt: number;
  }): Promise<ClaimRefresh>;

  /**
   * Writes the tokens as `generation` + 1 and frees the lease, unless a newer generation is there, or
   * the session has ended. A refresh token that replaces another does so in every session that had the
   * old one, in the same transaction, whatever has become of this session.
   *
   * @param refresh.generation the one that was renewed.
   * @param refresh.replaces the hash of the refresh token that Google gave another for; null when it gave
   *   none.
   */
  publishRefresh(refresh: {
    id: string;
    generation: number;
    sealed: SealedTokens;
    refreshTokenIds: RefreshTokenIds;
    replaces: string | null;
  }): Promise<PublishRefresh>;

  /** Gives the lease back without a result. Nothing happens if it isn’t `holder`'s any more. */
  releaseRefresh(claim: {
    id: string;
    holder: string;
  }): Promise<{ kind: "released" } | StoreUnavailable>;
}

/** A lease that is given back just between the UPDATE and the look at the row is tried again. */
const CLAIM_TRIES = 3;

export function createRefreshClaims({ db, attempt, now }: StoreParts): RefreshClaims {
  /** @returns the row as it is claimed, or undefined when the lease isn’t to be had. */
  function takeLease(
    idHash: string,
    { generation, holder, leaseMs, seenAt }: Parameters<RefreshClaims["claimRefresh"]>[0],
  ) {
    return db.transaction().execute(async (tx) => {
      // Two sessions of one grant claim one after the other: the person’s row is locked.
      const ofSession = tx.selectFrom("latchkey_sessions").where("id_hash", "=", idHash);
      await tx
        .updateTable("latchkey_users")
        .set((is) => ({ name: is.ref("name") }))
        .where("issuer", "=", ofSession.select("issuer").$asScalar().$notNull())
        .where("sub", "=", ofSession.select("sub").$asScalar().$notNull())
        .execute();
      return tx
        .updateTable("latchkey_sessions")
        .set((is) => ({
          lease_holder: holder,
          lease_until: is(now(), "+", leaseMs),
          last_seen_at: later(is, seenAt),
        }))
        .where("id_hash", "=", idHash)
        .where("generation", "<=", generation)
        .where(isLive)
        .where("sealed_refresh", "is not", null)
        .where((is) => is.not(is.exists(grantLease(is, now))))
        .returning(["sealed_refresh", "generation"])
        .executeTakeFirst();
    });
  }

  return {
    claimRefresh: (claim) =>
      attempt(async () => {
        const idHash = hashSessionId(claim.id);
        for (let tries = 0; tries < CLAIM_TRIES; tries++) {
          // Whoever only waits locks nothing.
          const stored = await readStoredSession({ db, now }, idHash);
          const found = elsewhere(stored, claim.generation);
          if (found.kind !== "unclaimed") return found;
          const row = await takeLease(idHash, claim);
          if (row !== undefined && row.sealed_refresh !== null) {
            const { sealed_refresh: sealedRefresh, generation } = row;
            return { kind: "claimed", sealedRefresh, generation };
          }
        }
        return { kind: "held", leftMs: 0 };
      }),

    publishRefresh: ({ id, generation, sealed, refreshTokenIds, replaces }) =>
      attempt(() =>
        db.transaction().execute(async (tx) => {
          const idHash = hashSessionId(id);
          const grant = grantColumns({ sealedRefresh: sealed.refresh, refreshTokenIds });
          // First and in any case: the others need it also when this session has just ended.
          if (replaces !== null) await replaceGrant(tx, replaces, grant);
          const { numUpdatedRows } = await tx
            .updateTable("latchkey_sessions")
            .set((is) => ({
              ...(replaces === null ? unlessReplaced(is, grant, generation) : grant),
              generation: generation + 1,
              sealed_access: sealed.access,
              renewed_at: now(),
              lease_holder: null,
              lease_until: null,
            }))
            .where("id_hash", "=", idHash)
            .where("generation", "<=", generation)
            .where("sealed_refresh", "is not", null)
            .where(isLive)
            .executeTakeFirst();
          if (numUpdatedRows > 0n) return { kind: "published", generation: generation + 1 };
          const found = await readStoredSession({ db: tx, now }, idHash);
          return { kind: "lost", now: elsewhere(found, generation) };
        }),
      ),

    releaseRefresh: ({ id, holder }) =>
      attempt(async () => {
        await db
          .updateTable("latchkey_sessions")
          .set({ lease_holder: null, lease_until: null })
          .where("lease_holder", "=", holder)
          .where("id_hash", "=", hashSessionId(id))
          .execute();
        return { kind: "released" };
      }),
  };
}

function elsewhere(
  session: StoredSession | { kind: "absent" },
  generation: number,
): RefreshElsewhere | { kind: "unclaimed" } {
  if (session.kind === "absent") return session;
  if (session.endReason !== null) return { kind: "ended", reason: session.endReason };
  if (session.sealed === null) return { kind: "forgotten" };
  if (session.generation > generation) {
    return { kind: "newer", generation: session.generation, sealed: session.sealed };
  }
  const { leaseLeftMs } = session;
  return leaseLeftMs > 0 ? { kind: "held", leftMs: leaseLeftMs } : { kind: "unclaimed" };
}

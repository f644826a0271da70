import type { Clock } from "../config/clock.server";
import { type Random, randomId } from "../config/random.server";
import type { EndReason } from "../session/end-reason";
import { absoluteEnd, type SessionLimits } from "../session/limits.server";
import type { Session } from "../session/session.server";
import type { StoredTokens } from "../session/stored-tokens.server";
import { refreshTokenIds } from "../store/refresh-token-ids.server";
import type { Store } from "../store/store.server";
import { storedEndReason } from "./stored-end-reason";

/** The right to ask Google for a session's tokens, among all processes. */
export interface Claim {
  id: string;
  holder: string;
  generation: number;
}

/**
 * - `ours`: ask Google. `claim` is null when the store can't say: each process then decides alone,
 *   which Google's refresh tokens, good for many uses, allow.
 * - `newer`: somebody has asked already; these are the tokens.
 * - `ended`: the session has ended, here or elsewhere.
 * - `busy`: somebody else holds the right, and for longer than anybody waits.
 */
export type Turn =
  | { kind: "ours"; claim: Claim | null }
  | { kind: "newer"; session: Session }
  | { kind: "ended"; reason: EndReason }
  | { kind: "busy" };

/** One refresh of a session among all processes that share the database (design: steps 2, 3, 5). */
export interface SharedRefresh {
  takeTurn(session: Session): Promise<Turn>;
  /** What is known of a session elsewhere, without asking for a turn. */
  look(session: Session): Promise<Turn>;
  /** Makes renewed tokens known to all; the answer is what counts now. */
  publish(claim: Claim, renewed: Session): Promise<Turn>;
  /** Lets the next one try. */
  giveBack(claim: Claim): Promise<void>;
  end(session: Session, reason: EndReason): Promise<void>;
  /** Deletes a dead refresh token wherever it is kept, so that no sign-in is handed it. */
  forget(session: Session): Promise<void>;
}

/** Longer than a call to Google with all its retries (8 s), so that a live holder never loses it. */
export const LEASE_MS = 10_000;
const LOOK_AGAIN_MS = 150;

export function createSharedRefresh(parts: {
  store: Store;
  tokens: StoredTokens;
  limits: SessionLimits;
  clock: Clock;
  random: Random;
}): SharedRefresh {
  const { store, tokens, limits, clock, random } = parts;

  function newer(session: Session, found: { generation: number; sealedTokens: string }): Turn {
    const opened = tokens.open(found.sealedTokens);
    // Unreadable after a change of secrets: as good as not there.
    if (opened === null) return { kind: "ours", claim: null };
    return {
      kind: "newer",
      session: { ...session, generation: found.generation, tokens: opened },
    };
  }

  return {
    async takeTurn(session) {
      const { id, generation } = session;
      const holder = randomId(random);
      // Whoever holds the right is done, or dead and its lease run out, before this.
      const patientUntil = clock.now() + LEASE_MS + LOOK_AGAIN_MS;
      for (;;) {
        const now = clock.now();
        const leaseUntil = now + LEASE_MS;
        const claimed = await store.claimRefresh({ id, generation, holder, leaseUntil, now });
        switch (claimed.kind) {
          case "claimed":
            return { kind: "ours", claim: { id, holder, generation } };
          case "newer":
            return newer(session, claimed);
          case "ended":
            return { kind: "ended", reason: storedEndReason(claimed.reason) };
          case "forgotten":
            // Deleted on Google's word or the person's: the copy in the cookie is dead as well.
            return { kind: "ended", reason: "grant_revoked" };
          case "absent":
          case "unavailable":
            return { kind: "ours", claim: null };
          case "held":
            if (now >= patientUntil) return { kind: "busy" };
            await clock.sleep(LOOK_AGAIN_MS);
        }
      }
    },

    async look(session) {
      const found = await store.readSession(session.id);
      if (found.kind !== "found") return { kind: "busy" };
      if (found.ended) return { kind: "ended", reason: storedEndReason(found.ended.reason) };
      const { generation, sealedTokens } = found;
      return sealedTokens !== null && generation > session.generation
        ? newer(session, { generation, sealedTokens })
        : { kind: "busy" };
    },

    async publish(claim, renewed) {
      const published = await store.publishRefresh({
        ...claim,
        sealedTokens: tokens.seal(renewed.tokens),
        refreshTokenIds: refreshTokenIds(renewed.tokens.refreshToken),
        now: clock.now(),
      });
      if (published.kind === "lost") {
        const { now } = published;
        if (now.kind === "newer") return newer(renewed, now);
        if (now.kind === "ended") return { kind: "ended", reason: storedEndReason(now.reason) };
      }
      return { kind: "newer", session: renewed };
    },

    async giveBack({ id, holder }) {
      await store.releaseRefresh({ id, holder });
    },

    async end(session, reason) {
      const expiresAt = absoluteEnd(session, limits);
      await store.endSession({ id: session.id, reason, now: clock.now(), expiresAt });
    },

    async forget(session) {
      const { hash } = refreshTokenIds(session.tokens.refreshToken);
      await store.forgetRefreshToken({ hash });
    },
  };
}

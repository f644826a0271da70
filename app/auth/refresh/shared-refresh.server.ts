import type { Clock } from "../../config/clock.server";
import { type Random, randomId } from "../../config/random.server";
import type { EndedSessions } from "../../session/ended-sessions.server";
import type { Session } from "../../session/session.server";
import type { StoredTokens } from "../../session/stored-tokens.server";
import { refreshTokenIds } from "../../store/refresh-token-ids.server";
import type { SealedTokens } from "../../store/sessions.server";
import type { Store } from "../../store/store.server";
import type { OwedWrites } from "./owed-writes.server";
import { endReasonOf, isEnd, storedEndReason } from "./stored-end-reason";
import type { SharedRefresh } from "./turn";

/** Longer than a turn with all that belongs to it, so that a live holder never loses it. */
export const LEASE_MS = 15_000;
/** From asking for the right to Google’s last word. What is left of the lease is for publishing. */
export const TURN_MS = 9000;
const LOOK_AGAIN_MS = 150;
/**
 * How long after an outage others may still hold tokens that they owe to the database. Longer than a
 * write that hangs (4 s) and the pause before its next try.
 */
const OTHERS_HAVE_PAID_MS = 8000;

export function createSharedRefresh(parts: {
  store: Store;
  tokens: StoredTokens;
  owed: OwedWrites;
  /** Ends by Google’s word alone, apart from what others wait for. */
  owedDead: OwedWrites;
  ended: EndedSessions;
  clock: Clock;
  random: Random;
  /** Aborts when the process begins to stop: nobody then waits for another’s turn. */
  stopping: AbortSignal;
}): SharedRefresh {
  const { store, tokens, owed, owedDead, ended, clock, random, stopping } = parts;

  function newer(session: Session, found: { generation: number; sealed: SealedTokens }) {
    const opened = tokens.open(found.sealed);
    // By a secret that this process doesn’t have: another one can use them.
    if (opened === null) return { kind: "busy" } as const;
    const { generation } = found;
    return { kind: "newer", session: { ...session, generation, tokens: opened } } as const;
  }

  return {
    async takeTurn(session) {
      const { id, generation, lastSeenAt: seenAt } = session;
      const holder = randomId(random);
      // Whoever holds the right is done, or dead and its lease run out, before this.
      const patientUntil = clock.now() + LEASE_MS + LOOK_AGAIN_MS;
      for (;;) {
        const until = clock.now() + TURN_MS;
        const claimed = await store.claimRefresh({
          id,
          generation,
          holder,
          leaseMs: LEASE_MS,
          seenAt,
        });
        switch (claimed.kind) {
          case "claimed": {
            // Another session of the same grant may have replaced the refresh token in the cookie. A row
            // that has missed a refresh has an older one.
            const isBehind = claimed.generation < generation;
            const grant = isBehind ? null : tokens.openGrant(claimed.sealedRefresh);
            const held = { ...session, tokens: { ...session.tokens, ...grant } };
            return { kind: "ours", claim: { id, holder }, session: held, until };
          }
          case "newer":
            return newer(session, claimed);
          case "held":
            if (clock.now() >= patientUntil || stopping.aborted) return { kind: "busy" };
            await clock.sleep(LOOK_AGAIN_MS, stopping);
            break;
          case "unavailable":
            return { kind: "ours", claim: null, session, until };
          default:
            return { kind: "ended", reason: endReasonOf(claimed) };
        }
      }
    },

    async look(session) {
      const found = await store.readSession(session.id);
      if (found.kind === "unavailable") return { kind: "busy" };
      if (found.kind === "absent") return { kind: "ended", reason: "unknown_session" };
      const { endReason, generation, sealed } = found;
      if (endReason !== null) return { kind: "ended", reason: storedEndReason(endReason) };
      return sealed !== null && generation > session.generation
        ? newer(session, { generation, sealed })
        : { kind: "busy" };
    },

    async publish(before, renewed) {
      const old = refreshTokenIds(before.tokens.refreshToken);
      const ids = refreshTokenIds(renewed.tokens.refreshToken);
      const published = await owed.write(async () => {
        const result = await store.publishRefresh({
          id: before.id,
          generation: before.generation,
          sealed: tokens.seal(renewed.tokens),
          refreshTokenIds: ids,
          replaces: old.hash === ids.hash ? null : old.hash,
        });
        // Perhaps long after its request: what the database says then counts from then on.
        if (result.kind === "lost" && isEnd(result.now)) {
          ended.add(before.id, endReasonOf(result.now), clock.now());
        }
        return result;
      });
      if (published.kind !== "lost") return { kind: "newer", session: renewed };
      const { now } = published;
      if (isEnd(now)) return { kind: "ended", reason: endReasonOf(now) };
      // Freed or held for the same generation: it can’t be, as the tokens would have been written.
      return now.kind === "newer" ? newer(renewed, now) : { kind: "busy" };
    },

    async giveBack({ id, holder }) {
      await store.releaseRefresh({ id, holder });
    },

    async end({ id, startedAt }, reason) {
      await owed.write(() => store.endSession({ id, reason, startedAt }));
    },

    async endDead({ id, generation, tokens: { refreshToken } }, reason) {
      const { hash } = refreshTokenIds(refreshToken);
      const only = { generation, refreshTokenHash: hash };
      const became = await owedDead.write(async () => {
        // While the database was away each process asked Google by itself. A token for one use is dead to
        // all but the first, who has its successor and may still owe it to the row.
        if (store.steadyForMs() < OTHERS_HAVE_PAID_MS) {
          return { kind: stopping.aborted ? "dropped" : "unavailable" } as const;
        }
        const ended = await store.endSession({ id, reason, only });
        // An organisation’s limit on one sign-in says nothing of the grant.
        if (ended.kind === "unavailable" || reason !== "grant_revoked") return ended;
        const forgotten = await store.forgetRefreshToken({ hash });
        return forgotten.kind === "unavailable" ? forgotten : ended;
      });
      if (became.kind === "unavailable" || became.kind === "dropped") return "unknown";
      return became.kind === "moved_on" ? "moved_on" : "ended";
    },
  };
}

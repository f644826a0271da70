import type { Clock } from "../../config/clock.server";
import type { Log } from "../../config/log.server";
import type { Google } from "../../google/google.server";
import type { GrantTokens, StoredTokens } from "../../session/stored-tokens.server";
import type { StoreUnavailable } from "../../store/availability.server";
import type { OwedRevocation } from "../../store/revocations.server";
import type { Store } from "../../store/store.server";
import type { UserKey } from "../../store/store-parts.server";
import type { OwedWrites } from "../refresh/owed-writes.server";

/**
 * Grants that people give back to Google (SO-07). Each is written down before Google is asked, so that
 * any process does it, whatever becomes of the one that was told to (FE-16).
 */
export interface Revocations {
  /** Writes one down; `unavailable`: it isn’t, so nothing may be promised. */
  owe(
    person: UserKey,
    grant: GrantTokens,
  ): Promise<{ kind: "owed"; owed: OwedRevocation } | StoreUnavailable>;
  /**
   * Asks Google once, while the person waits: three seconds at most once Google’s endpoints are known.
   * What it doesn’t take is tried again, and what a person wanted never fails for it.
   */
  revoke(owed: OwedRevocation, log: Log): Promise<void>;
  /** Takes back `owe`: what it belonged to didn’t happen. */
  drop(owed: OwedRevocation): Promise<void>;
  /** Gives back what is due, whoever owed it, until `signal` aborts; then once what soon is. */
  follow(signal: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 2000;
/** Until somebody tries again: after the first try, the second, the third; from then on each hour. */
const PAUSES_MS = [5000, 30_000, 300_000, 3_600_000] as const;
const LONGEST_PAUSE_MS = 3_600_000;
/** The first that comes more than two hours late: somebody should have a look. */
const LATE_TRIES = 5;
/** Four weeks, by the hour. */
const MOST_TRIES = 28 * 24;
/** How long a stop goes on with it. */
const LAST_TRIES_MS = 3000;
/** What one round takes: the others are for the next, or for another process. */
const ROUND = 100;

export function createRevocations(parts: {
  store: Pick<Store, "oweRevocation" | "takeRevocation" | "settleRevocation">;
  owed: OwedWrites;
  google: Pick<Google, "revoke">;
  tokens: Pick<StoredTokens, "sealGrant" | "openGrant">;
  clock: Clock;
  log: Log;
}): Revocations {
  const { store, owed, google, tokens, clock } = parts;

  /** @returns whether Google has taken it. A note that stays all the same is settled by the next try. */
  async function revoked({ id, sealedRefresh }: OwedRevocation, log: Log): Promise<boolean> {
    const grant = tokens.openGrant(sealedRefresh);
    // Sealed by a secret that this process doesn’t have: another one may.
    const result =
      grant === null
        ? ({ kind: "not_now", cause: "unknown_key" } as const)
        : await google.revoke(grant.refreshToken);
    if (result.kind === "not_now") {
      log.warn("token_revoke_failed", { cause: result.cause });
      return false;
    }
    log.info("authn_token_revoked");
    await store.settleRevocation(id);
    return true;
  }

  async function noteLate({ id, tries }: OwedRevocation): Promise<void> {
    if (tries === LATE_TRIES) {
      parts.log.error("authn_token_not_revoked", { outcome: "late", alarm: true });
    }
    if (tries < MOST_TRIES) return;
    parts.log.error("authn_token_not_revoked", { outcome: "given_up", alarm: true });
    await store.settleRevocation(id);
  }

  /** One that fails ends the round: Google is asked for the others when it may be better. */
  async function giveBack(aheadMs: number, until: () => boolean): Promise<void> {
    for (let taken = 0; taken < ROUND && !until(); taken++) {
      const next = await store.takeRevocation(pauseAfter, aheadMs);
      if (next.kind !== "taken") return;
      if (await revoked(next.owed, parts.log)) continue;
      await noteLate(next.owed);
      return;
    }
  }

  return {
    async owe(person, grant) {
      const sealedRefresh = tokens.sealGrant(grant);
      const noted = await store.oweRevocation({ ...person, sealedRefresh, afterMs: PAUSES_MS[0] });
      if (noted.kind === "unavailable") return noted;
      return { kind: "owed", owed: { id: noted.id, sealedRefresh, tries: 0 } };
    },
    async revoke(owed, log) {
      await revoked(owed, log);
    },
    async drop({ id }) {
      await owed.write(() => store.settleRevocation(id));
    },
    async follow(signal) {
      while (!signal.aborted) {
        await giveBack(0, () => signal.aborted);
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
      // The others are stored: another process, or the next, gives them back.
      const lastAt = clock.now() + LAST_TRIES_MS;
      await giveBack(PAUSES_MS[0], () => clock.now() >= lastAt);
    },
  };
}

/** @param tries since the person’s own. */
function pauseAfter(tries: number): number {
  return PAUSES_MS[tries + 1] ?? LONGEST_PAUSE_MS;
}

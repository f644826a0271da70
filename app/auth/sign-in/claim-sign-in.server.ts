import type { Clock } from "../../config/clock.server";
import { hashState } from "../../config/id-hash.server";
import type { Store } from "../../store/store.server";
import { TRANSACTION_MS, type Transaction } from "./transaction.server";

/** One, for longer than a transaction lives, even by two clocks that differ. */
const ONE = { burst: 1, everyMs: 2 * TRANSACTION_MS };

/**
 * Whether this process is the one to finish a sign-in whose callback may have reached others too. A
 * code that is shown to Google twice makes it take back the tokens that it gave the first time (RFC
 * 6749 4.1.2): somebody who was just signed in would be signed out within the hour.
 *
 * @returns true while the database is away: a sign-in needs it anyway, a little later.
 */
export async function claimSignIn(
  { store, clock }: { store: Store; clock: Clock },
  { state }: Transaction,
): Promise<boolean> {
  if (!store.isShared) return true;
  const key = hashState(state);
  const claimed = await store.takeFromShared({ key, rate: ONE, now: clock.now() });
  return claimed.kind !== "exhausted";
}

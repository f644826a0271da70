import type { Clock } from "../../config/clock.server";
import type { ConfirmUse } from "../../session/session.server";
import type { Store } from "../../store/store.server";
import { withPatience } from "./fresh-session.server";
import { storedEndReason } from "./stored-end-reason";

/** An answer is never held up for longer by its cookie. */
const PATIENCE_MS = 500;
/** While the database is away, requests don’t wait for it one by one. */
const REST_MS = 5000;

/** Asks the session’s row, before its cookie is written, whether it may be. */
export function createConfirmUse({ store, clock }: { store: Store; clock: Clock }): ConfirmUse {
  let restsUntil = Number.NEGATIVE_INFINITY;
  return async ({ id, lastSeenAt: seenAt }) => {
    const now = clock.now();
    if (restsUntil > now && restsUntil <= now + REST_MS) return "unknown";
    const touched = await withPatience(clock, store.touchSession({ id, seenAt }), PATIENCE_MS);
    switch (touched?.kind) {
      case "live":
        return "live";
      case "ended":
        return { ended: storedEndReason(touched.reason) };
      case "absent":
        return { ended: "unknown_session" };
      default:
        restsUntil = clock.now() + REST_MS;
        return "unknown";
    }
  };
}

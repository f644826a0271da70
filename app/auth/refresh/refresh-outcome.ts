import type { EndReason } from "../../session/end-reason";
import type { Session } from "../../session/session.server";

/** What stands in a refresh’s way: nothing that is known, or a rule of the person’s organisation. */
export type RefreshObstacle = "unreachable" | "admin_policy" | "org_internal";

/**
 * - `renewed`: the session with newer tokens, from Google or from a refresh that already happened.
 * - `ended`: the grant turned out to be dead, which has ended the session.
 * - `already_ended`: something else had ended the session before, or did while Google was thinking.
 *   Whatever it was has cleared the browser’s cookie; by now there may be a new session in it.
 * - `unavailable`: nothing is known to be wrong with the session; ask again after `retryAfterMs`.
 */
export type RefreshOutcome =
  | { kind: "renewed"; session: Session }
  | { kind: "ended"; reason: EndReason }
  | { kind: "already_ended" }
  | { kind: "unavailable"; retryAfterMs: number; obstacle: RefreshObstacle };

import { lastKnown, type SessionState } from "../client/session-state";
import type { EndReason } from "../session/end-reason";

/**
 * What a page does about its session.
 *
 * - `none`: it shows what it may.
 * - `ask`: the session ended by itself. The page stays, out of reach and hard to read, until
 *   the person has signed in again.
 * - `leave`: somebody ended it. Nothing private stays on the screen.
 * - `reload`: it was made for somebody else than who is signed in now.
 * - `revalidate`: anybody may see it, and it would now look different.
 */
export type Reaction = "none" | "ask" | "leave" | "reload" | "revalidate";

const ENDS_BY_ITSELF: readonly EndReason[] = [
  "idle",
  "absolute",
  "grant_revoked",
  "reauth_required",
  "unreadable",
];

/** `pageUserId`: for whom the page was made; null for nobody. */
export function reactionTo(
  state: SessionState,
  { pageUserId, isPrivate }: { pageUserId: string | null; isPrivate: boolean },
): Reaction {
  // What can’t be checked changes nothing: neither a page that is fine nor one that asks for sign-in.
  const known = lastKnown(state);
  const userId = known.status === "authenticated" ? known.user.id : null;
  if (userId === pageUserId) return "none";
  if (!isPrivate || pageUserId === null) return "revalidate";
  if (known.status === "authenticated") return "reload";
  return ENDS_BY_ITSELF.some((reason) => reason === known.reason) ? "ask" : "leave";
}

import type { EndReason } from "../session/end-reason";
import type { Session } from "../session/session.server";

/** The right to ask Google for a session's tokens, among all processes. */
export interface Claim {
  id: string;
  holder: string;
}

/**
 * - `ours`: ask Google until `until` (ms), with the refresh token of `session`. `claim` is null when the store can't say:
 *   each process then decides alone, which refresh tokens that are good for many uses allow.
 * - `newer`: somebody has asked already; these are the tokens.
 * - `ended`: the session has ended, here or elsewhere.
 * - `busy`: somebody else holds the right, and for longer than anybody waits.
 */
export type Turn = OurTurn | Elsewhere;

export interface OurTurn {
  kind: "ours";
  claim: Claim | null;
  session: Session;
  until: number;
}

/** What others have done about it, or are doing. */
export type Elsewhere =
  | { kind: "newer"; session: Session }
  | { kind: "ended"; reason: EndReason }
  | { kind: "busy" };

import type { EndReason } from "../../session/end-reason";
import type { Session } from "../../session/session.server";

/** The right to ask Google for a session’s tokens, among all processes. */
export interface Claim {
  id: string;
  holder: string;
}

/**
 * - `ours`: ask Google until `until` (ms), with the refresh token of `session`. `claim` is null when the
 *   store can’t say: each process then decides alone, which refresh tokens that are good for many uses
 *   allow.
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

/** One refresh of a session among all processes that share the database. */
export interface SharedRefresh {
  takeTurn(session: Session): Promise<Turn>;
  /** What is known of a session elsewhere, without asking for a turn. */
  look(session: Session): Promise<Elsewhere>;
  /** Makes renewed tokens known to all, now or as soon as may be; the answer is what counts. */
  publish(before: Session, renewed: Session): Promise<Elsewhere>;
  /** Lets the next one try. */
  giveBack(claim: Claim): Promise<void>;
  end(session: Session, reason: EndReason): Promise<void>;
  /**
   * Google calls the grant dead: ends the session if nothing newer is there, and deletes the refresh
   * token wherever it is kept, so that no sign-in is handed it. `unknown`: the store can’t say now; it is
   * made up for.
   */
  endDead(session: Session, reason: EndReason): Promise<"ended" | "moved_on" | "unknown">;
}

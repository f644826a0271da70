import { EVERYBODY, hashPerson, hashSessionId } from "../config/id-hash.server";
import type { EndReason } from "./end-reason";
import type { Session } from "./session.server";

/** Sessions of everybody (`EVERYBODY`), or of one person by their hash, that started before a moment are over. */
export interface EndedBefore {
  who: string;
  /** ms, by the database’s clock: this one too. */
  endedBefore: number;
  reason: EndReason;
  /** The hashed id of a session that goes on; null for none. */
  spared: string | null;
}

/** Sessions that have ended although a sealed cookie of theirs may still be around. */
export interface EndedSessions {
  /** @param endedAt ms; now or a little earlier. */
  add(sessionId: string, reason: EndReason, endedAt: number): void;
  /** The same for an end that another process has told of, which knows ids by their hash only. */
  addHashed(idHash: string, reason: EndReason, endedAt: number): void;
  addMark(mark: EndedBefore): void;
  /** Ends at this moment or before may have been forgotten. */
  forgetThrough(endedAt: number): void;
  reasonOf(session: Known): EndReason | null;
  /** Whether it may have ended without this process knowing any more: its row knows. */
  isUncertain(session: Known): boolean;
}

/** What of a session tells whether it has ended. */
export type Known = Pick<Session, "id" | "startedAt"> & {
  user: Pick<Session["user"], "issuer" | "id">;
  tokens: Pick<Session["tokens"], "issuedAt">;
};

/** An entry is some 150 bytes, so that this is 15 MB. */
const CAPACITY = 100_000;
/** How far machines' clocks may be apart. */
const SKEW_MS = 300_000;

/**
 * This process’s memory of ends: what makes a copied cookie worthless here at once (SO-04).
 *
 * It is bounded. The oldest ends go first, and from then on a session whose tokens are older than what
 * was forgotten has to ask for its row: none is taken for live because there were too many.
 */
export function createEndedSessions(capacity = CAPACITY): EndedSessions {
  const singles = new Map<string, { reason: EndReason; endedAt: number }>();
  const marks = new Map<string, EndedBefore>();
  let forgotten = Number.NEGATIVE_INFINITY;

  function forgetThrough(endedAt: number): void {
    forgotten = Math.max(forgotten, endedAt);
  }

  function addHashed(idHash: string, reason: EndReason, endedAt: number): void {
    // The first end counts: a sign-out isn’t renamed by a revocation that follows it.
    if (singles.has(idHash)) return;
    singles.set(idHash, { reason, endedAt });
    const [oldest] = singles;
    if (singles.size <= capacity || oldest === undefined) return;
    singles.delete(oldest[0]);
    forgetThrough(oldest[1].endedAt);
  }

  function marked(session: Known, who: string): EndReason | null {
    const mark = marks.get(who);
    if (mark === undefined || session.startedAt > mark.endedBefore) return null;
    return mark.spared === hashSessionId(session.id) ? null : mark.reason;
  }

  return {
    addHashed,
    forgetThrough,
    add: (sessionId, reason, endedAt) => addHashed(hashSessionId(sessionId), reason, endedAt),
    addMark(mark) {
      const known = marks.get(mark.who);
      if (known && known.endedBefore > mark.endedBefore) return;
      // Deleting first moves it to the young end.
      marks.delete(mark.who);
      marks.set(mark.who, mark);
      const [oldest] = marks.values();
      if (marks.size <= capacity || oldest === undefined) return;
      marks.delete(oldest.who);
      forgetThrough(oldest.endedBefore);
    },
    reasonOf(session) {
      const single = singles.get(hashSessionId(session.id));
      if (single) return single.reason;
      if (marks.size === 0) return null;
      const { issuer, id: sub } = session.user;
      return marked(session, EVERYBODY) ?? marked(session, hashPerson({ issuer, sub }));
    },
    isUncertain: ({ tokens }) => tokens.issuedAt <= forgotten + SKEW_MS,
  };
}

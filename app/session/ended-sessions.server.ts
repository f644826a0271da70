import { BoundedMap } from "../config/bounded-map";
import { hashSessionId } from "../config/id-hash.server";
import type { EndReason } from "./end-reason";

/** Sessions that have ended although a sealed cookie of theirs may still be around. */
export interface EndedSessions {
  add(sessionId: string, reason: EndReason): void;
  /** The same for an end that another process has told of, which knows ids by their hash only. */
  addHashed(idHash: string, reason: EndReason): void;
  reasonOf(sessionId: string): EndReason | null;
}

/** An entry is some 100 bytes, so that this is 10 MB; the oldest go first. */
const CAPACITY = 100_000;

/** This process's memory of ends: what makes a copied cookie worthless here at once (SO-04). */
export function createEndedSessions(capacity = CAPACITY): EndedSessions {
  const reasons = new BoundedMap<string, EndReason>(capacity);
  const addHashed = (idHash: string, reason: EndReason) => {
    // The first end counts: a sign-out isn't renamed by a revocation that follows it.
    if (reasons.get(idHash) === undefined) reasons.set(idHash, reason);
  };
  return {
    addHashed,
    add: (sessionId, reason) => addHashed(hashSessionId(sessionId), reason),
    reasonOf: (sessionId) => reasons.get(hashSessionId(sessionId)) ?? null,
  };
}

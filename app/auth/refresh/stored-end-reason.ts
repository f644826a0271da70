import { type EndReason, isEndReason } from "../../session/end-reason";

/** An end as the database names it; one that a newer release wrote is still an end. */
export function storedEndReason(reason: string): EndReason {
  return isEndReason(reason) ? reason : "ended_elsewhere";
}

/** What the store says of a session that is over. */
type End = { kind: "ended"; reason: string } | { kind: "forgotten" } | { kind: "absent" };

export function isEnd<Found extends { kind: string }>(found: Found): found is Found & End {
  return ["ended", "forgotten", "absent"].includes(found.kind);
}

/** Why a session can’t be refreshed that the store says is over. */
export function endReasonOf(end: End): EndReason {
  switch (end.kind) {
    case "ended":
      return storedEndReason(end.reason);
    case "forgotten":
      // Deleted on Google’s word or the person’s: the copy in the cookie is dead as well.
      return "grant_revoked";
    case "absent":
      return "unknown_session";
  }
}

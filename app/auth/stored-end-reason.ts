import { type EndReason, isEndReason } from "../session/end-reason";

/** An end as the database names it; one that a newer release wrote is still an end. */
export function storedEndReason(reason: string): EndReason {
  return isEndReason(reason) ? reason : "ended_elsewhere";
}

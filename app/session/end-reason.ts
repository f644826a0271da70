/** Why a session ended. Stable codes: they appear in addresses, in `/api/session` and in the log. */
export const END_REASONS = [
  "signed_out",
  "idle",
  "absolute",
  "grant_revoked",
  "reauth_required",
  "ended_elsewhere",
  "disconnected",
  "account_deleted",
  "security_event",
  "unknown_session",
  "not_allowed",
  "unreadable",
] as const;

export type EndReason = (typeof END_REASONS)[number];

export function isEndReason(value: unknown): value is EndReason {
  return END_REASONS.some((reason) => reason === value);
}

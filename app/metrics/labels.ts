import type { EndReason } from "../session/end-reason";

/**
 * Who wanted a session’s end: the person or an operator (`yes`), nobody (`no`), or the limits that the
 * settings give each session (`limit`). A rate of `no` is people who were signed out unasked.
 */
export const ASKED_FOR: Readonly<Record<EndReason, "yes" | "no" | "limit">> = {
  signed_out: "yes",
  ended_elsewhere: "yes",
  disconnected: "yes",
  account_deleted: "yes",
  idle: "limit",
  absolute: "limit",
  grant_revoked: "no",
  reauth_required: "no",
  security_event: "no",
  unknown_session: "no",
  not_allowed: "no",
  unreadable: "no",
};

export const REFRESH_OUTCOMES = [
  "renewed",
  "ended",
  "already_ended",
  "forbidden",
  "grant_dead",
  "misconfigured",
  "unavailable",
];
export const UNREADABLE_CAUSES = ["malformed", "unknown_key", "tampered", "old_version"];
export const SECURITY_EVENT_KINDS = [
  "sessions-revoked",
  "tokens-revoked",
  "token-revoked",
  "account-disabled",
  "account-enabled",
  "account-credential-change-required",
  "verification",
];
/** What becomes of a revocation that Google doesn’t take. */
export const NOT_REVOKED = ["late", "given_up"];
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
export const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8];
export const COOKIE_BUCKETS = [0, 512, 1024, 2048, 3072, 4096, 6144, 8192];

/**
 * Every event that the log knows, by OWASP’s logging vocabulary where it has a name for it. What each
 * means, when it is written and with which fields: docs/log-inventory.md.
 */
export const LOG_EVENTS = [
  // Signing in, and Google’s tokens
  "authn_login_success",
  "authn_login_fail",
  "authn_token_created",
  "authn_token_reuse",
  "authn_token_revoked",
  "authn_token_not_revoked",
  "token_revoke_failed",
  "token_refresh_failed",
  "token_refresh_finished",
  "token_refresh_refused",
  "id_token_unchecked",
  // Sessions
  "session_created",
  "session_end_not_shared",
  "session_expired",
  "session_logout",
  "session_opened",
  "session_renewed",
  "session_unknown",
  "session_too_large",
  "session_use_after_expire",
  // Refusals
  "authz_fail",
  "crypt_decrypt_fail",
  "csp_violation",
  "excess_rate_limit_exceeded",
  "input_validation_fail",
  "malicious_csrf",
  // Cross-Account Protection
  "security_event_applied",
  "security_event_ignored",
  "security_event_refused",
  "security_event_unavailable",
  "security_event_verification",
  // What the app depends on
  "backend_failed",
  "clock_skew",
  "google_api_failed",
  "issuer_usable",
  "issuer_unusable",
  "owed_writes_done",
  "owed_writes_lost",
  "store_available",
  "store_unavailable",
  // The process and its requests
  "admin_command",
  "answer_broken",
  "http_request",
  "metrics_read",
  "node_end_of_life",
  "render_failed",
  "sys_crash",
  "sys_shutdown",
  "sys_shutdown_forced",
  "sys_startup",
  "unexpected_error",
] as const;

export type LogEvent = (typeof LOG_EVENTS)[number];

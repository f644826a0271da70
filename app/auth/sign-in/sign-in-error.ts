/** Why a sign-in came to nothing. Stable codes: they appear in `/login?error=` and in the log. */
export const SIGN_IN_ERRORS = [
  "cancelled",
  "expired",
  "invalid_response",
  "admin_policy",
  "org_internal",
  "not_allowed",
  "offline_access_missing",
  "google_unavailable",
  "rate_limited",
  "misconfigured",
  "server_error",
] as const;

export type SignInError = (typeof SIGN_IN_ERRORS)[number];

export function isSignInError(value: unknown): value is SignInError {
  return SIGN_IN_ERRORS.some((error) => error === value);
}

/** Carries a code through remix-auth, which knows failures only as exceptions. */
export class SignInFailure extends Error {
  readonly code: SignInError;
  /** For the log: what exactly was wrong. Never provider text. */
  readonly detail: string;

  constructor(code: SignInError, detail: string) {
    super(`Sign-in failed: ${code}`);
    this.name = "SignInFailure";
    this.code = code;
    this.detail = detail;
  }
}

/** Google’s `error` values in a callback (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6 and Google’s own). */
const CALLBACK_ERRORS: ReadonlyMap<string, SignInError> = new Map<string, SignInError>([
  ["access_denied", "cancelled"],
  ["admin_policy_enforced", "admin_policy"],
  ["org_internal", "org_internal"],
  ["rate_limit_exceeded", "rate_limited"],
  ["server_error", "google_unavailable"],
  ["temporarily_unavailable", "google_unavailable"],
  ["internal_failure", "google_unavailable"],
  ["invalid_client", "misconfigured"],
  ["deleted_client", "misconfigured"],
  ["disabled_client", "misconfigured"],
  ["unauthorized_client", "misconfigured"],
  ["redirect_uri_mismatch", "misconfigured"],
  ["unsupported_response_type", "misconfigured"],
  ["invalid_request", "misconfigured"],
  ["invalid_scope", "misconfigured"],
]);

/** What a callback’s `error` means to the person. An unknown one is an answer that we don’t understand. */
export function signInErrorOf(callbackError: string): SignInError {
  return CALLBACK_ERRORS.get(callbackError) ?? "invalid_response";
}

import type { Log } from "../../config/log.server";
import type { SignInError } from "./sign-in-error";

/** Refusals that say that something was shown twice which is good for one use. */
const USED_TWICE = new Set(["transaction_replayed", "code_refused"]);

/**
 * Writes down a sign-in that came to nothing: the one place that every refusal passes, by us or by
 * Google.
 *
 * @param cause what exactly was wrong: a code, never the provider’s text.
 * @param user the account’s pseudonym, as far as it is known.
 */
export function noteRefusedSignIn(
  log: Log,
  { error, cause, ...who }: { error: SignInError; cause: string; user?: string },
): void {
  const alarm = error === "misconfigured" || error === "server_error";
  log[alarm ? "error" : "warn"]("authn_login_fail", { error, cause, ...who, alarm });
  if (error === "not_allowed") log.warn("authz_fail", { cause, ...who });
  if (USED_TWICE.has(cause)) log.warn("authn_token_reuse", { cause });
  if (cause === "duplicate_parameter") log.warn("input_validation_fail", { cause });
}

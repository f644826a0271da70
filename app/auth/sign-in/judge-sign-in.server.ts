import { asciiDomain } from "../../config/hosted-domains.server";
import type { Endpoints } from "../../google/endpoints.server";
import type { GoogleSignIn } from "./google-strategy.server";
import { SignInFailure, signInErrorOf } from "./sign-in-error";
import type { Account } from "./transaction.server";

/** Judges the callback’s own parameters. Unknown ones are ignored (RFC 6749 4.1.2). */
export function judgeCallback(params: URLSearchParams, endpoints: Endpoints): SignInFailure | null {
  const iss = params.get("iss");
  if (iss === null ? endpoints.issRequired : iss !== endpoints.issuer) {
    return new SignInFailure("invalid_response", "callback_issuer");
  }
  const error = params.get("error");
  if (error !== null) return callbackFailure(error);
  return params.get("code") ? null : new SignInFailure("invalid_response", "code_missing");
}

/** Google’s code is for the log only if it is one that we know: anybody can write an address. */
function callbackFailure(error: string): SignInFailure {
  const meaning = signInErrorOf(error);
  const detail = meaning === "invalid_response" ? "callback_error" : `callback_${error}`;
  return new SignInFailure(meaning, detail);
}

/**
 * Whether this account may come in.
 *
 * @param expected the only account that may answer, when somebody signed in was asked for more (DA-04);
 *   else null.
 */
export function judgeAccount(
  signIn: GoogleSignIn,
  allowedHostedDomains: readonly string[],
  expected: Account | null,
): SignInFailure | null {
  const { sub, issuer } = signIn.claims;
  if (expected !== null && (expected.sub !== sub || expected.issuer !== issuer)) {
    return new SignInFailure("not_allowed", "another_account");
  }
  return judgeClaims(signIn, allowedHostedDomains);
}

/** Google’s word on the domain is the `hd` claim, not the address. */
function judgeClaims(
  { claims }: GoogleSignIn,
  allowedHostedDomains: readonly string[],
): SignInFailure | null {
  if (claims.email === null) return new SignInFailure("not_allowed", "email_not_verified");
  return mayStay(claims.hostedDomain, allowedHostedDomains)
    ? null
    : new SignInFailure("not_allowed", "hosted_domain");
}

/** Whether accounts of a hosted domain, or of none, may be here: by `ALLOWED_HOSTED_DOMAINS` of today. */
export function mayStay(
  hostedDomain: string | null,
  allowedHostedDomains: readonly string[],
): boolean {
  if (allowedHostedDomains.length === 0) return true;
  return allowedHostedDomains.includes(asciiDomain(hostedDomain ?? ""));
}

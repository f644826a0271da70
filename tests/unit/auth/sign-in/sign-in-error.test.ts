import { describe, expect, it } from "vitest";
import {
  isSignInError,
  SIGN_IN_ERRORS,
  SignInFailure,
  signInErrorOf,
} from "../../../../app/auth/sign-in/sign-in-error";

describe("signInErrorOf", () => {
  it.each([
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
  ])("SF-12 SF-13 takes Google’s %s for %s", (callbackError, code) => {
    expect(signInErrorOf(callbackError)).toBe(code);
  });

  it.each(["", "something_new", "ACCESS_DENIED", "<script>", "constructor", "__proto__"])(
    "SF-12 takes %j for an answer that can’t be understood",
    (callbackError) => {
      expect(signInErrorOf(callbackError)).toBe("invalid_response");
    },
  );
});

describe("isSignInError", () => {
  it("knows every code of ours, and nothing else", () => {
    expect(SIGN_IN_ERRORS.every(isSignInError)).toBe(true);
    const others = ["access_denied", "", "constructor", null, undefined, 1, ["cancelled"]];
    expect(others.filter(isSignInError)).toEqual([]);
  });
});

describe("SignInFailure", () => {
  it("says no more than its code in its message", () => {
    const failure = new SignInFailure("not_allowed", "hosted_domain");
    expect(failure.message).toBe("Sign-in failed: not_allowed");
    expect([failure.code, failure.detail]).toEqual(["not_allowed", "hosted_domain"]);
  });
});

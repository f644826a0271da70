import { describe, expect, it } from "vitest";
import type { HttpAnswer } from "../../../app/google/http.server";
import {
  concernsEverybody,
  type GrantedTokens,
  judgeTokenAnswer,
  type TokenAnswer,
} from "../../../app/google/token-answer.server";

const STARTED_AT = 1_700_000_000_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const GOOD = { access_token: "ya29.new", token_type: "Bearer", expires_in: 3599 };

function judge(body: unknown, status = 200, headers: Record<string, string> = {}): TokenAnswer {
  const answer: HttpAnswer = {
    kind: "answer",
    status,
    headers: new Headers(headers),
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
  return judgeTokenAnswer(answer, STARTED_AT);
}

function granted(body: unknown): GrantedTokens {
  const answer = judge(body);
  if (answer.kind !== "granted") throw new Error(`This was not granted: ${JSON.stringify(answer)}`);
  return answer.tokens;
}

describe("judgeTokenAnswer", () => {
  describe("what was granted", () => {
    it("TR-02 counts lives from the start of the request", () => {
      const answer = { ...GOOD, refresh_token_expires_in: 604_800 };
      expect(granted({ ...answer, refresh_token: "1//r", scope: "openid", id_token: "j" })).toEqual(
        {
          accessToken: "ya29.new",
          issuedAt: STARTED_AT,
          expiresAt: STARTED_AT + 3_599_000,
          refreshToken: "1//r",
          refreshExpiresAt: STARTED_AT + 604_800_000,
          scopes: ["openid"],
          idToken: "j",
        },
      );
    });

    it("TR-04 tells what Google left out from what it sent", () => {
      expect(granted(GOOD)).toMatchObject({
        refreshToken: null,
        refreshExpiresAt: null,
        scopes: null,
        idToken: null,
      });
      expect(granted({ ...GOOD, refresh_token: "", scope: "", id_token: "" })).toEqual(
        granted(GOOD),
      );
    });

    it.each([
      [3600, HOUR],
      ["3600", HOUR],
      [1, 1000],
      [0.5, 500],
      [86_400, DAY],
      [1e12, DAY],
      [1e300, DAY],
      ["999999999999", DAY],
      [undefined, HOUR],
      [null, HOUR],
    ])("PF-10 TR-02 makes expires_in %j a life of %i ms", (expires_in, life) => {
      expect(granted({ ...GOOD, expires_in }).expiresAt).toBe(STARTED_AT + life);
    });

    it.each([
      ["expires_in", 0],
      ["expires_in", "0"],
      ["expires_in", -1],
      ["expires_in", "-1"],
      ["expires_in", "soon"],
      ["expires_in", ""],
      ["expires_in", " 3600"],
      ["expires_in", "1e3"],
      ["expires_in", "9".repeat(400)],
      ["expires_in", true],
      ["expires_in", [3600]],
      ["expires_in", {}],
      ["access_token", undefined],
      ["access_token", ""],
      ["access_token", 12345],
      ["token_type", undefined],
      ["token_type", "mac"],
      ["token_type", ["Bearer"]],
    ])("PF-10 TR-02 refuses a granted answer with %s = %j", (name, value) => {
      expect(judge({ ...GOOD, [name]: value })).toMatchObject({
        kind: "unavailable",
        cause: "malformed_answer",
        retry: false,
        lost: false,
      });
    });

    it("PF-10 takes a token type in any case (RFC 6749 5.1)", () => {
      expect(granted({ ...GOOD, token_type: "bearer" }).accessToken).toBe("ya29.new");
    });

    it.each([
      [604_800, STARTED_AT + 604_800_000],
      ["604800", STARTED_AT + 604_800_000],
      [0, null],
      [-5, null],
      ["never", null],
      [1e300, null],
      [1e15, null],
      [undefined, null],
    ])("TR-17 makes refresh_token_expires_in %j an end at %j", (refresh_token_expires_in, end) => {
      expect(granted({ ...GOOD, refresh_token_expires_in }).refreshExpiresAt).toBe(end);
    });

    it("TR-16 DA-01 reads Google’s names for scopes as those that were asked for", () => {
      const scope =
        "https://www.googleapis.com/auth/userinfo.profile openid " +
        "https://www.googleapis.com/auth/userinfo.email";
      expect(granted({ ...GOOD, scope }).scopes).toEqual(["email", "openid", "profile"]);
    });
  });

  describe("a dead grant", () => {
    it.each(["Token has been expired or revoked.", "Bad Request", "anything", undefined])(
      "TR-12 PF-06 is told by the error alone, not by the description %j",
      (error_description) => {
        expect(judge({ error: "invalid_grant", error_description }, 400)).toEqual({
          kind: "grant_dead",
          reason: "grant_revoked",
        });
      },
    );

    it("TR-10 PF-07 asks for a new sign-in where the organisation limits sessions", () => {
      const body = { error: "invalid_grant", error_subtype: "invalid_rapt" };
      expect(judge(body, 400)).toEqual({ kind: "grant_dead", reason: "reauth_required" });
    });

    it("TR-12 isn’t read out of a description", () => {
      const error_description = "invalid_grant: Token has been expired or revoked.";
      expect(judge({ error: "internal_failure", error_description }, 400)).toMatchObject({
        kind: "unavailable",
      });
      expect(judge({ error_description }, 400)).toMatchObject({ kind: "unavailable" });
    });
  });

  it.each(["admin_policy_enforced", "org_internal"])(
    "PF-08 knows an administrator’s rule, %s",
    (error) => {
      expect(judge({ error }, 400)).toEqual({ kind: "forbidden", error });
      expect(judge({ error }, 403)).toEqual({ kind: "forbidden", error });
    },
  );

  it.each([
    "invalid_client",
    "unauthorized_client",
    "deleted_client",
    "disabled_client",
    "redirect_uri_mismatch",
    "unsupported_grant_type",
    "invalid_request",
    "invalid_scope",
  ])("TR-11 PF-09 knows %s for our own fault", (error) => {
    for (const status of [400, 401, 403]) {
      expect(judge({ error }, status)).toEqual({ kind: "misconfigured", error });
    }
  });

  describe("everything else", () => {
    it.each([408, 429, 500, 502, 503, 504])(
      "TR-13 PF-03 may be tried again after status %i, whatever the body is",
      (status) => {
        for (const body of ["", "<html>", "{}", { error: "invalid_grant" }, { error: "x" }]) {
          expect(judge(body, status)).toMatchObject({
            kind: "unavailable",
            retry: true,
            lost: false,
          });
        }
      },
    );

    it.each(["internal_failure", "server_error", "temporarily_unavailable"])(
      "TR-13 PF-05 may be tried again after %s",
      (error) => {
        expect(judge({ error }, 400)).toEqual({
          kind: "unavailable",
          cause: error,
          retry: true,
          lost: false,
          retryAfterMs: null,
        });
      },
    );

    it.each([
      ["an HTML page", "<html>User Rate Limit Exceeded</html>", 403],
      ["an empty body", "", 403],
      ["a text", "Bad Request", 400],
      ["an unknown error", { error: "something_new" }, 400],
      ["an error that is no text", { error: { code: 403 } }, 403],
      ["a list", [{ error: "invalid_grant" }], 400],
      ["a redirect", "", 302],
    ])("TR-12 PF-04 is transient, but not tried again: %s", (_what, body, status) => {
      expect(judge(body, status)).toEqual({
        kind: "unavailable",
        cause: `status_${status}`,
        retry: false,
        lost: false,
        retryAfterMs: null,
      });
    });

    it.each([
      ["HTML", "<html>"],
      ["nothing", ""],
      ["half an answer", '{"access_token":"ya29'],
      ["an error", { error: "invalid_grant" }],
      ["null", "null"],
    ])("PF-04 is transient: status 200 with %s", (_what, body) => {
      expect(judge(body)).toMatchObject({ kind: "unavailable", cause: "malformed_answer" });
    });

    it.each([
      ["5", 5000],
      ["0", 0],
      ["3600", 3_600_000],
      ["-1", null],
      ["soon", null],
      ["Wed, 21 Oct 2026 07:28:00 GMT", null],
      ["", null],
    ])("TR-13 reads Retry-After %j", (value, retryAfterMs) => {
      expect(judge("", 503, { "Retry-After": value })).toMatchObject({ retryAfterMs });
    });

    it.each([
      ["timeout", true],
      ["network", true],
      ["too_large", false],
    ] as const)("TR-13 PF-01 PF-02 no answer for %s: Google may have acted", (cause, retry) => {
      const answer: HttpAnswer = { kind: "no_answer", cause, detail: "ECONNRESET" };
      expect(judgeTokenAnswer(answer, STARTED_AT)).toEqual({
        kind: "unavailable",
        cause: "ECONNRESET",
        retry,
        lost: true,
        retryAfterMs: null,
      });
    });
  });
});

describe("concernsEverybody", () => {
  const failed = (error: string, status = 400) => judge({ error }, status);
  const cut: HttpAnswer = { kind: "no_answer", cause: "network", detail: "ECONNRESET" };

  it.each([
    ["no answer", judgeTokenAnswer(cut, STARTED_AT)],
    ["500", judge("", 500)],
    ["503", judge("", 503)],
    ["408", judge("", 408)],
    ["429, the limit of a whole project", judge("", 429)],
    ["an error of Google’s own", failed("internal_failure")],
    ["a refusal of our client", failed("invalid_client", 401)],
    ["a client that was deleted", failed("deleted_client", 401)],
  ])("FE-13 is so of %s", (_, answer) => {
    expect(concernsEverybody(answer)).toBe(true);
  });

  it.each([
    ["new tokens", judge(GOOD)],
    ["a dead grant", failed("invalid_grant")],
    ["an administrator’s rule", failed("admin_policy_enforced")],
    ["an error that nobody knows", failed("account_strange")],
    ["another 4xx", judge("", 403)],
    ["a 200 that can’t be read", judge("<html>")],
    ["a token of another client", failed("unauthorized_client")],
  ])("FE-13 isn’t so of %s", (_, answer) => {
    expect(concernsEverybody(answer)).toBe(false);
  });
});

import { type HttpAnswer, jsonObject, retryAfter } from "./http.server";

/**
 * Why a call to one of Google’s APIs came to nothing.
 *
 * - `token_refused`: 401; the access token is no good.
 * - `scope_missing`: the person hasn’t allowed it; only asking them helps.
 * - `rate_limited`: too much was asked; not before `retryAfterMs` again.
 * - `refused`: any other 4xx, told by `status`.
 * - `google_unavailable`: no answer in time, 5xx, or one that isn’t Google’s to give (a redirect).
 * - `address_not_allowed`: nothing was sent; the address isn’t one of Google’s APIs.
 */
export type ApiProblem =
  | "token_refused"
  | "scope_missing"
  | "rate_limited"
  | "refused"
  | "google_unavailable"
  | "address_not_allowed";

export interface ApiSuccess {
  ok: true;
  status: number;
  headers: Headers;
  body: string;
  /** The body’s JSON object, or null where it is none. */
  json: Record<string, unknown> | null;
}

export type ApiAnswer =
  | ApiSuccess
  | { ok: false; code: ApiProblem; status: number | null; retryAfterMs: number | null };

/** `reauth_required`: Google refuses the access token, even a new one; signing in again may help. */
export type GoogleProblem = Exclude<ApiProblem, "token_refused"> | "reauth_required";

/** What an API answered, or a code for why it didn’t. `retryAfterMs` is null where waiting won’t help. */
export type GoogleResult =
  | ApiSuccess
  | { ok: false; code: GoogleProblem; status: number | null; retryAfterMs: number | null };

const SCOPE_REASONS = new Set(["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]);
const RATE_REASONS = new Set([
  "rateLimitExceeded",
  "userRateLimitExceeded",
  "quotaExceeded",
  "dailyLimitExceeded",
  "RATE_LIMIT_EXCEEDED",
]);

/**
 * Judges an answer by its status and the machine-readable reasons in it, never by its text.
 * https://developers.google.com/workspace/calendar/api/guides/errors,
 * https://cloud.google.com/apis/design/errors
 */
export function judgeApiAnswer(answer: HttpAnswer): ApiAnswer {
  if (answer.kind === "no_answer") return failed("google_unavailable", null);
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) {
    return { ok: true, status, headers, body, json: jsonObject(body) };
  }
  const pause = retryAfter(headers);
  if (status === 401) return failed("token_refused", status);
  if (status === 429) return failed("rate_limited", status, pause);
  if (status === 403) {
    const reasons = reasonsIn(body);
    const challenge = headers.get("WWW-Authenticate") ?? "";
    if (reasons.some((reason) => SCOPE_REASONS.has(reason))) return failed("scope_missing", status);
    // RFC 6750 3.1.
    if (/\berror="?insufficient_scope\b/.test(challenge)) return failed("scope_missing", status);
    if (reasons.some((reason) => RATE_REASONS.has(reason))) {
      return failed("rate_limited", status, pause);
    }
  }
  if (status >= 400 && status < 500) return failed("refused", status);
  return failed("google_unavailable", status, pause);
}

function failed(
  code: ApiProblem,
  status: number | null,
  retryAfterMs: number | null = null,
): ApiAnswer {
  return { ok: false, code, status, retryAfterMs };
}

/** The reasons of a Google error: `error.errors[].reason` of the older form, `error.details[].reason` of the newer. */
function reasonsIn(body: string): string[] {
  const error: unknown = jsonObject(body)?.error;
  if (typeof error !== "object" || error === null) return [];
  const lists = ["errors", "details"].map(
    (name): unknown => Object.entries(error).find(([key]) => key === name)?.[1],
  );
  return lists
    .flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
    .flatMap((entry) =>
      typeof entry === "object" && entry !== null && "reason" in entry ? [entry.reason] : [],
    )
    .filter((reason) => typeof reason === "string");
}

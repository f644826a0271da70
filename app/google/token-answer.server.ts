import { type HttpAnswer, jsonObject, retryAfter } from "./http.server";
import { parseScopes } from "./scopes";

/** What Google’s token endpoint granted. Times in ms since the epoch. */
export interface GrantedTokens {
  accessToken: string;
  issuedAt: number;
  expiresAt: number;
  /** Null where Google sends none: the one at hand stays good (RFC 6749 section 6). */
  refreshToken: string | null;
  refreshExpiresAt: number | null;
  /** Null where Google sends none: unchanged (RFC 6749 section 5.1). */
  scopes: string[] | null;
  idToken: string | null;
}

/**
 * A token endpoint’s answer, judged.
 *
 * - `granted`: new tokens.
 * - `grant_dead`: `invalid_grant`; only the person can help, by signing in.
 * - `misconfigured`: our fault (`invalid_client` …): nobody is signed out for it, an operator is told.
 * - `forbidden`: an administrator’s rule (`admin_policy_enforced`, `org_internal`).
 * - `unavailable`: everything else. `retry` says whether another attempt may help at once, and
 *   `lost` whether Google may have acted although no answer came.
 */
export type TokenAnswer =
  | { kind: "granted"; tokens: GrantedTokens }
  | { kind: "grant_dead"; reason: "grant_revoked" | "reauth_required" }
  | { kind: "misconfigured"; error: string }
  | { kind: "forbidden"; error: (typeof ADMIN_RULES)[number] }
  | {
      kind: "unavailable";
      cause: string;
      retry: boolean;
      lost: boolean;
      retryAfterMs: number | null;
    };

const RETRY_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
const RETRY_ERRORS = new Set(["internal_failure", "server_error", "temporarily_unavailable"]);
const OUR_FAULTS = [
  "invalid_client",
  "unauthorized_client",
  "deleted_client",
  "disabled_client",
  "redirect_uri_mismatch",
  "unsupported_grant_type",
  "invalid_request",
  "invalid_scope",
];
/** What the app itself is refused for; the rest of our faults may be about one token. */
const CLIENT_REFUSED = ["invalid_client", "deleted_client", "disabled_client"];
const ADMIN_RULES = ["admin_policy_enforced", "org_internal"] as const;
/** Codes of refusals that somebody has to mend: an operator or, last, an organisation’s administrator. */
export const REFUSALS_TO_MEND: readonly string[] = [...OUR_FAULTS, ...ADMIN_RULES];

const DEFAULT_LIFE_MS = 3_600_000;
const LONGEST_LIFE_MS = 86_400_000;
/** Ten years. A limit beyond it limits nothing. */
const LONGEST_GRANT_MS = 315_360_000_000;

/**
 * Judges an answer of the token endpoint (RFC 6749 sections 5.1 and 5.2) by its status and `error`
 * alone: Google’s `error_description` changes without notice (TR-12).
 *
 * @param startedAt when the request was started; lives are counted from there, so that a slow answer
 *   never makes a token look younger than it is (TR-02).
 */
export function judgeTokenAnswer(answer: HttpAnswer, startedAt: number): TokenAnswer {
  if (answer.kind === "no_answer") {
    const retry = answer.cause !== "too_large";
    return { kind: "unavailable", cause: answer.detail, retry, lost: true, retryAfterMs: null };
  }
  const body = jsonObject(answer.body);
  if (answer.status === 200) {
    const tokens = body && grantedTokens(body, startedAt);
    return tokens ? { kind: "granted", tokens } : unavailable("malformed_answer", answer);
  }
  const error = body?.error;
  // A server in trouble isn’t believed about a grant: RFC 6749 5.2 errors come with 400 or 401.
  if (typeof error !== "string" || RETRY_STATUSES.has(answer.status)) {
    return unavailable(`status_${answer.status}`, answer);
  }
  if (error === "invalid_grant") {
    const rapt = body?.error_subtype === "invalid_rapt";
    return { kind: "grant_dead", reason: rapt ? "reauth_required" : "grant_revoked" };
  }
  const rule = ADMIN_RULES.find((known) => known === error);
  if (rule) return { kind: "forbidden", error: rule };
  if (OUR_FAULTS.includes(error)) return { kind: "misconfigured", error };
  return unavailable(RETRY_ERRORS.has(error) ? error : `status_${answer.status}`, answer);
}

/**
 * Whether an answer, were it everybody’s, means that asking goes on in vain: no answer, also none about where to ask, 5xx and what Google
 * says in its place, 408; 429, since Google counts the tokens of a whole project, and each further call
 * prolongs it; and a refusal of the app’s own client. Anything else is about one account or its token, or
 * nobody knows what about.
 */
export function concernsEverybody(answer: TokenAnswer): boolean {
  if (answer.kind === "misconfigured") return CLIENT_REFUSED.includes(answer.error);
  if (answer.kind !== "unavailable") return false;
  const { cause, lost } = answer;
  return lost || RETRY_ERRORS.has(cause) || /^discovery_|^status_(5\d\d|408|429)$/.test(cause);
}

function unavailable(cause: string, answer: HttpAnswer & { kind: "answer" }): TokenAnswer {
  return {
    kind: "unavailable",
    cause,
    retry: RETRY_STATUSES.has(answer.status) || RETRY_ERRORS.has(cause),
    lost: false,
    retryAfterMs: retryAfter(answer.headers),
  };
}

function grantedTokens(body: Record<string, unknown>, startedAt: number): GrantedTokens | null {
  const { access_token, token_type, refresh_token, scope, id_token } = body;
  const lifeMs = tokenLife(body.expires_in);
  if (!isText(access_token) || !isBearer(token_type) || lifeMs === null) return null;
  return {
    accessToken: access_token,
    issuedAt: startedAt,
    expiresAt: startedAt + lifeMs,
    refreshToken: isText(refresh_token) ? refresh_token : null,
    refreshExpiresAt: refreshEnd(body.refresh_token_expires_in, startedAt),
    scopes: isText(scope) ? parseScopes(scope) : null,
    idToken: isText(id_token) ? id_token : null,
  };
}

/** `expires_in` in ms: missing is an hour, absurdly long is a day, zero or nonsense is refused. */
function tokenLife(value: unknown): number | null {
  if (value === undefined || value === null) return DEFAULT_LIFE_MS;
  const ms = seconds(value);
  return ms !== null && ms > 0 ? Math.min(ms, LONGEST_LIFE_MS) : null;
}

/** When the grant ends, in ms since the epoch; null where Google sets no usable limit. */
function refreshEnd(value: unknown, startedAt: number): number | null {
  const ms = seconds(value);
  return ms !== null && ms > 0 && ms <= LONGEST_GRANT_MS ? startedAt + ms : null;
}

function seconds(value: unknown): number | null {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? Math.floor(number * 1000) : null;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isBearer(value: unknown): boolean {
  return typeof value === "string" && value.toLowerCase() === "bearer";
}

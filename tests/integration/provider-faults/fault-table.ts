import type { SignInError } from "../../../app/auth/sign-in/sign-in-error";
import type { EndReason } from "../../../app/session/end-reason";
import type { Fault, IdTokenFlaw } from "../../local-google/faults";
import type { FaultWorld } from "./fault-world";

/** One fault of the token endpoint, and what it is to mean. */
export interface FaultRow {
  fault: string;
  begin(world: FaultWorld): void;
  /** Whether even a single call is waited for. */
  slow?: true;
  /**
   * The error code for the person, the cause for the log, and how often Google was asked. Null where
   * the fault is none for a sign-in, or is shown elsewhere.
   */
  signIn: { error: SignInError; cause: string; calls: number } | null;
  refresh: SessionKept | SessionEnded;
}

/** What the log says, and how often Google was asked. */
export interface SessionKept {
  cause: string;
  calls: number;
  alarm?: true;
  /** After how long the next try may be made, in ms. */
  pauseMs?: number;
  /** Beside the gap in the page, where it isn’t that Google can’t be reached. */
  says?: string;
}

/** Why, in a word for the program and in words for the person; `cause` is for the log alone. */
export interface SessionEnded {
  ends: EndReason;
  says: string;
  cause?: string;
}

const atTokenEndpoint = (fault: Fault) => (world: FaultWorld) =>
  world.app.google.faults.set("token", fault);

/** A fault of Google’s that passes: nobody is at fault, and nobody is signed out. */
function passing(
  fault: string,
  begin: FaultRow["begin"],
  cause: string,
  calls: { signIn: number; refresh: number },
  pauseMs?: number,
): FaultRow {
  return {
    fault,
    begin,
    signIn: { error: "google_unavailable", cause, calls: calls.signIn },
    refresh: { cause, calls: calls.refresh, ...(pauseMs === undefined ? {} : { pauseMs }) },
  };
}

/** Tried three times: it may go better at once, and Google has done nothing yet. */
const RETRIED = { signIn: 3, refresh: 3 };
/** Google may have used up the code already: it isn’t sent again. A refresh token may be. */
const CODE_SENT_ONCE = { signIn: 1, refresh: 3 };
/** Five seconds for the first attempt leave three for a second. */
const TIMED_OUT = { signIn: 1, refresh: 2 };
const ONCE = { signIn: 1, refresh: 1 };

/** PF-01 */
export const CONNECTION_FAULTS: readonly FaultRow[] = [
  passing(
    "a refused connection",
    ({ network, closedAddress }) => network.divert("/token", closedAddress),
    "ECONNREFUSED",
    CODE_SENT_ONCE,
  ),
  passing(
    "a name that can’t be resolved",
    // Refused by the resolver itself, so that no name server is asked.
    ({ network }) => network.divert("/token", "http://google..example/token"),
    "ENOTFOUND",
    CODE_SENT_ONCE,
  ),
  passing(
    "a failed TLS handshake",
    ({ network, app }) =>
      network.divert("/token", `${app.google.issuer.replace("http:", "https:")}/token`),
    "ERR_SSL_WRONG_VERSION_NUMBER",
    CODE_SENT_ONCE,
  ),
  passing("a reset connection", atTokenEndpoint({ kind: "reset" }), "ECONNRESET", CODE_SENT_ONCE),
  passing(
    "a connection that is reset when all is done",
    atTokenEndpoint({ kind: "reset-after" }),
    "ECONNRESET",
    CODE_SENT_ONCE,
  ),
];

/** PF-02 */
export const SLOW_ANSWERS: readonly FaultRow[] = [
  passing("no byte at all", atTokenEndpoint({ kind: "hang" }), "timeout", TIMED_OUT),
  passing("one byte at a time", atTokenEndpoint({ kind: "drip" }), "timeout", TIMED_OUT),
  passing("an answer held back", atTokenEndpoint({ kind: "hold" }), "timeout", TIMED_OUT),
].map((row) => ({ ...row, slow: true }));

/** PF-03 */
export const TROUBLED_STATUSES: readonly FaultRow[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) =>
    passing(
      `status ${status}`,
      atTokenEndpoint({ kind: "status", status }),
      `status_${status}`,
      RETRIED,
    ),
  ),
  passing(
    "status 429 with Retry-After: 1",
    atTokenEndpoint({ kind: "status", status: 429, headers: { "Retry-After": "1" } }),
    "status_429",
    RETRIED,
  ),
  passing(
    "status 503 with Retry-After: 120",
    atTokenEndpoint({ kind: "status", status: 503, headers: { "Retry-After": "120" } }),
    "status_503",
    ONCE,
    120_000,
  ),
  passing(
    "status 503 that speaks of invalid_grant",
    atTokenEndpoint({ kind: "oauth-error", error: "invalid_grant", status: 503 }),
    "status_503",
    RETRIED,
  ),
];

/** PF-04 */
export const STRANGE_BODIES: readonly FaultRow[] = [
  passing(
    "403 with an HTML page",
    atTokenEndpoint({
      kind: "status",
      status: 403,
      contentType: "text/html",
      body: "<h1>User Rate Limit Exceeded</h1>",
    }),
    "status_403",
    ONCE,
  ),
  passing("200 with an HTML page", atTokenEndpoint({ kind: "html" }), "malformed_answer", ONCE),
  passing("200 with nothing", atTokenEndpoint({ kind: "empty" }), "malformed_answer", ONCE),
  passing(
    "200 with half an answer",
    atTokenEndpoint({ kind: "truncated" }),
    "malformed_answer",
    ONCE,
  ),
  passing(
    "200 with ten megabytes",
    atTokenEndpoint({ kind: "huge", bytes: 10_000_000 }),
    "too_large",
    ONCE,
  ),
];

/** PF-05 */
export const PASSING_ERRORS: readonly FaultRow[] = [
  "internal_failure",
  "server_error",
  "temporarily_unavailable",
].map((error) =>
  passing(`400 ${error}`, atTokenEndpoint({ kind: "oauth-error", error }), error, RETRIED),
);

const refused = (description: string, subtype?: string): FaultRow["begin"] =>
  atTokenEndpoint({
    kind: "oauth-error",
    error: "invalid_grant",
    description,
    ...(subtype === undefined ? {} : { subtype }),
  });

/** A code that Google refuses says nothing about the person’s grant. */
const CODE_REFUSED = { error: "invalid_response", cause: "code_refused", calls: 1 } as const;

/** PF-06 */
export const DEAD_GRANTS: readonly FaultRow[] = [
  "Token has been expired or revoked.",
  "Bad Request",
].map((description) => ({
  fault: `invalid_grant (${description})`,
  begin: refused(description),
  signIn: CODE_REFUSED,
  refresh: { ends: "grant_revoked", says: "no longer gives this app access" },
}));

/** PF-07 */
export const SIGN_IN_WANTED_AGAIN: readonly FaultRow[] = [
  {
    fault: "invalid_grant, invalid_rapt",
    begin: refused("reauth related error (invalid_rapt)", "invalid_rapt"),
    signIn: CODE_REFUSED,
    refresh: { ends: "reauth_required", says: "asks you to sign in again" },
  },
];

/** What an operator has to see: nobody is signed out for it, and it isn’t tried again at once. */
function alarming(
  status: number,
  error: string,
  signInError: SignInError,
  says?: string,
): FaultRow {
  return {
    fault: `${status} ${error}`,
    begin: atTokenEndpoint({ kind: "oauth-error", error, status }),
    signIn: { error: signInError, cause: error, calls: 1 },
    refresh: { cause: error, calls: 1, alarm: true, ...(says && { says }) },
  };
}

/** PF-08 */
export const ADMINISTRATORS_RULES: readonly FaultRow[] = [
  alarming(400, "admin_policy_enforced", "admin_policy", "An administrator has to allow this app"),
  alarming(403, "org_internal", "org_internal", "only one organisation’s members"),
];

/** PF-09 */
export const OUR_OWN_FAULTS: readonly FaultRow[] = [
  alarming(401, "invalid_client", "misconfigured"),
  alarming(401, "deleted_client", "misconfigured"),
  alarming(400, "unauthorized_client", "misconfigured"),
];

const answering = (merge: Record<string, unknown>) => atTokenEndpoint({ kind: "merge", merge });

/** PF-10 */
export const UNUSABLE_TOKENS: readonly FaultRow[] = [
  ["no access_token", { access_token: null }],
  ["an access_token that is no text", { access_token: 42 }],
  ["token_type mac", { token_type: "mac" }],
  ["expires_in 0", { expires_in: 0 }],
  ['expires_in "soon"', { expires_in: "soon" }],
  ["expires_in as a list", { expires_in: [3600] }],
].map(([fault, merge]) =>
  passing(
    `200 with ${fault}`,
    answering(merge as Record<string, unknown>),
    "malformed_answer",
    ONCE,
  ),
);

const bringing = (flaw: IdTokenFlaw) => atTokenEndpoint({ kind: "id-token", flaw });

/** PF-11, signed by Google for another account, client or provider. */
export const ID_TOKENS_FOR_SOMEBODY_ELSE: readonly FaultRow[] = (
  [
    ["wrong-iss", "id_token_issuer"],
    ["short-iss", "id_token_issuer"],
    ["wrong-aud", "id_token_audience"],
    ["wrong-azp", "id_token_authorized_party"],
    ["other-sub", "id_token_subject"],
  ] as const
).map(([flaw, cause]) => ({
  fault: `an ID token with the flaw ${flaw}`,
  begin: bringing(flaw),
  signIn: null,
  refresh: { ends: "grant_revoked", says: "no longer gives this app access", cause },
}));

/** PF-11 FE-11: ID tokens that prove nothing, and name nobody else. */
export const UNPROVEN_ID_TOKENS = [
  "wrong-signature",
  "unknown-kid",
  "alg-none",
  "hs256",
  "es256",
  "jwk-header",
  "expired",
  "missing-aud",
  "missing-exp",
  "missing-iat",
  "missing-sub",
  "future-iat",
  "too-long-lived",
  "wrong-at-hash",
] as const;

/** PF-11 at a sign-in; its other flaws are in ../sign-in.test.ts. */
export const NO_ID_TOKEN: FaultRow = {
  fault: "no ID token",
  begin: bringing("missing"),
  signIn: { error: "invalid_response", cause: "id_token_missing", calls: 1 },
  refresh: { cause: "", calls: 0 },
};

/** PF-12 */
export const REDIRECTS: readonly FaultRow[] = [302, 307].map((status) =>
  passing(
    `status ${status} to another host`,
    ({ app, elsewhere }) =>
      app.google.faults.set("token", {
        kind: "status",
        status,
        headers: { Location: elsewhere.address },
      }),
    `status_${status}`,
    ONCE,
  ),
);

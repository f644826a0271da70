import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { OwedWrites } from "../auth/refresh/owed-writes.server";
import type { Refresher } from "../auth/refresh/refresh.server";
import { SIGN_IN_ERRORS } from "../auth/sign-in/sign-in-error";
import type { LogEvent } from "../config/log-events";
import type { LogFields } from "../config/log-fields";
import { REFUSALS_TO_MEND } from "../google/token-answer.server";
import { END_REASONS, type EndReason, isEndReason } from "../session/end-reason";
import type { Store } from "../store/store.server";

/**
 * Who wanted a session's end: the person or an operator (`yes`), nobody (`no`), or the limits that the
 * settings give each session (`limit`). A rate of `no` is people who were signed out unasked.
 */
const ASKED_FOR: Readonly<Record<EndReason, "yes" | "no" | "limit">> = {
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

const REFRESH_OUTCOMES = [
  "renewed",
  "ended",
  "already_ended",
  "forbidden",
  "id_token_invalid",
  "misconfigured",
  "unavailable",
];
const UNREADABLE_CAUSES = ["malformed", "unknown_key", "tampered", "old_version"];
const SECURITY_EVENT_KINDS = [
  "sessions-revoked",
  "tokens-revoked",
  "token-revoked",
  "account-disabled",
  "account-enabled",
  "account-credential-change-required",
  "verification",
];
/** What becomes of a revocation that Google doesn't take. */
const NOT_REVOKED = ["late", "given_up"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8];
const COOKIE_BUCKETS = [0, 512, 1024, 2048, 3072, 4096, 6144, 8192];

/**
 * Counts the log's events: what is worth a number is worth an event, so that there is one place that
 * knows both and nothing else in the app counts. Every label has few values, whatever anybody sends:
 * a list, or the names of our own routes and keys.
 *
 * @returns what the log is to tell of each event.
 */
export function countEvents(registry: Registry): (event: LogEvent, fields: LogFields) => void {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: `latchkey_${name}_total`, help, labelNames, registers: [registry] });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: Label[] = [],
  ) =>
    new Histogram({ name: `latchkey_${name}`, help, buckets, labelNames, registers: [registry] });

  const signIns = counter("sign_ins", "Sign-ins that came to an end.", ["outcome"]);
  const refreshes = counter("refreshes", "Refreshes that asked Google.", ["outcome"]);
  const refreshDuration = histogram(
    "refresh_duration_seconds",
    "How long Google took for a refresh, retries included.",
    DURATION_BUCKETS,
    ["outcome"],
  );
  const refusals = counter("provider_refusals", "Google's refusals that somebody has to mend.", [
    "error",
  ]);
  const ends = counter("session_ends", "Sessions that ended.", ["reason", "asked_for"]);
  const lateUses = counter("ended_session_uses", "Cookies of sessions that had ended.", ["reason"]);
  const unreadable = counter("unreadable_cookies", "Session cookies that could not be opened.", [
    "cause",
  ]);
  const reuses = counter("token_reuses", "Sign-ins and codes that were shown a second time.");
  const opened = counter(
    "sessions_opened",
    "Session cookies opened, by the key that sealed them.",
    ["key_id", "key_position"],
  );
  const securityEvents = counter("security_events", "Security events that Google sent.", [
    "kind",
    "outcome",
  ]);
  const revocations = counter("revocations", "Attempts to give a grant back to Google.", [
    "outcome",
  ]);
  const denials = counter("authz_failures", "Requests of somebody who may not.", ["cause"]);
  const csrf = counter("csrf_refusals", "Requests refused for where they came from.");
  const tooMany = counter("rate_limit_refusals", "Requests refused for haste.");
  const invalid = counter("invalid_inputs", "Requests refused for what they say.");
  const apiFailures = counter("google_api_failures", "Calls to Google's APIs that failed.");
  const alarms = counter("alarms", "Events that somebody has to mend.", ["event"]);
  const errors = counter("unexpected_errors", "Exceptions that nobody expected: bugs.");
  const storeAvailable = new Gauge({
    name: "latchkey_store_available",
    help: "Whether the database answered when it was last asked.",
    registers: [registry],
  });
  const requestDuration = histogram(
    "http_request_duration_seconds",
    "From a request to the head of its answer.",
    DURATION_BUCKETS,
    ["route", "method", "status"],
  );
  const cookieBytes = histogram("request_cookie_bytes", "Cookies of a request.", COOKIE_BUCKETS);
  const setCookieBytes = histogram(
    "set_cookie_bytes",
    "Cookies that an answer sets, if it sets any.",
    COOKIE_BUCKETS,
  );

  // A series that only appears with its first count shows no increase to an alert.
  for (const outcome of ["success", ...SIGN_IN_ERRORS]) signIns.inc({ outcome }, 0);
  for (const outcome of REFRESH_OUTCOMES) refreshes.inc({ outcome }, 0);
  for (const error of REFUSALS_TO_MEND) refusals.inc({ error }, 0);
  for (const reason of END_REASONS) ends.inc({ reason, asked_for: ASKED_FOR[reason] }, 0);
  for (const cause of UNREADABLE_CAUSES) unreadable.inc({ cause }, 0);
  for (const outcome of ["revoked", "failed", ...NOT_REVOKED]) revocations.inc({ outcome }, 0);
  storeAvailable.set(1);

  function endOf({ reason, sessions }: LogFields): void {
    if (isEndReason(reason)) ends.inc({ reason, asked_for: ASKED_FOR[reason] }, sessions ?? 1);
  }
  function refusalOf({ cause }: LogFields): void {
    if (cause && REFUSALS_TO_MEND.includes(cause)) refusals.inc({ error: cause });
  }
  const securityEvent = (outcome: string) => (fields: LogFields) =>
    securityEvents.inc({ kind: oneOf(SECURITY_EVENT_KINDS, fields.kind), outcome });

  const counted: Readonly<Partial<Record<LogEvent, (fields: LogFields) => void>>> = {
    authn_login_success: () => signIns.inc({ outcome: "success" }),
    authn_login_fail(fields) {
      signIns.inc({ outcome: oneOf(SIGN_IN_ERRORS, fields.error) });
      refusalOf(fields);
    },
    authn_token_reuse: () => reuses.inc(),
    authn_token_revoked: () => revocations.inc({ outcome: "revoked" }),
    token_revoke_failed: () => revocations.inc({ outcome: "failed" }),
    authn_token_not_revoked: ({ outcome }) =>
      revocations.inc({ outcome: oneOf(NOT_REVOKED, outcome) }),
    token_refresh_finished(fields) {
      const outcome = oneOf(REFRESH_OUTCOMES, fields.outcome);
      refreshes.inc({ outcome });
      refreshDuration.observe({ outcome }, seconds(fields));
    },
    token_refresh_refused: refusalOf,
    session_expired: endOf,
    session_unknown: () => endOf({ reason: "unknown_session" }),
    session_logout: endOf,
    session_use_after_expire: ({ reason }) => lateUses.inc({ reason: oneOf(END_REASONS, reason) }),
    session_opened: ({ keyId, keyPosition }) =>
      opened.inc({ key_id: keyId ?? "", key_position: keyPosition ?? 0 }),
    crypt_decrypt_fail({ cause }) {
      unreadable.inc({ cause: oneOf(UNREADABLE_CAUSES, cause) });
      endOf({ reason: "unreadable" });
    },
    authz_fail: ({ cause }) => denials.inc({ cause: cause ?? "other" }),
    malicious_csrf: () => csrf.inc(),
    excess_rate_limit_exceeded: () => tooMany.inc(),
    input_validation_fail: () => invalid.inc(),
    security_event_applied: securityEvent("applied"),
    security_event_ignored: securityEvent("ignored"),
    security_event_verification: securityEvent("applied"),
    security_event_refused: securityEvent("refused"),
    security_event_unavailable: securityEvent("unavailable"),
    google_api_failed: () => apiFailures.inc(),
    store_available: () => storeAvailable.set(1),
    store_unavailable: () => storeAvailable.set(0),
    unexpected_error: () => errors.inc(),
    render_failed: () => errors.inc(),
    http_request(fields) {
      const { route, method, status, cookieBytes: sent, setCookieBytes: set } = fields;
      requestDuration.observe(
        {
          route: route ?? "*",
          method: oneOf(METHODS, method),
          status: `${Math.floor((status ?? 0) / 100)}xx`,
        },
        seconds(fields),
      );
      cookieBytes.observe(sent ?? 0);
      if (set) setCookieBytes.observe(set);
    },
  };

  return (event, fields) => {
    counted[event]?.(fields);
    if (fields.alarm) alarms.inc({ event });
  };
}

/** What the refresher is doing, read when somebody asks. */
export function watchRefresher(registry: Registry, refresher: Refresher): void {
  const registers = [registry];
  new Gauge({
    name: "latchkey_refreshes_in_flight",
    help: "Refreshes under way in this process.",
    registers,
    collect() {
      this.set(refresher.underWay);
    },
  });
  new Gauge({
    name: "latchkey_refresh_breaker_open",
    help: "1 while refreshes rest because too many in a row have failed.",
    registers,
    collect() {
      this.set(refresher.resting ? 1 : 0);
    },
  });
}

/** What waits for the database or for Google, read when somebody asks. */
export function watchOwed(
  registry: Registry,
  { owed, store }: { owed: Pick<OwedWrites, "count">; store: Pick<Store, "countRevocations"> },
): void {
  const registers = [registry];
  new Gauge({
    name: "latchkey_owed_writes",
    help: "Ends and new tokens of this process that the database couldn't take yet.",
    registers,
    collect() {
      this.set(owed.count);
    },
  });
  new Gauge({
    name: "latchkey_owed_revocations",
    help: "Grants that Google hasn't taken back yet, all processes' together.",
    registers,
    async collect() {
      const counted = await store.countRevocations();
      // While the database is away, the last that was known.
      if (counted.kind === "counted") this.set(counted.count);
    },
  });
}

function oneOf(list: readonly string[], value: string | null | undefined): string {
  return value && list.includes(value) ? value : "other";
}

/** The clock may have been set back meanwhile. */
function seconds({ durationMs }: LogFields): number {
  return Math.max(0, durationMs ?? 0) / 1000;
}

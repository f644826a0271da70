import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { SIGN_IN_ERRORS } from "../auth/sign-in/sign-in-error";
import type { LogEvent } from "../config/log-events";
import type { LogFields } from "../config/log-fields";
import { REFUSALS_TO_MEND } from "../google/token-answer.server";
import { END_REASONS, isEndReason } from "../session/end-reason";
import {
  ASKED_FOR,
  COOKIE_BUCKETS,
  DURATION_BUCKETS,
  METHODS,
  NOT_REVOKED,
  REFRESH_OUTCOMES,
  SECURITY_EVENT_KINDS,
  UNREADABLE_CAUSES,
} from "./labels";

/**
 * Counts the log’s events: what is worth a number is worth an event, so that there is one place that
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
  const refusals = counter("provider_refusals", "Google’s refusals that somebody has to mend.", [
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
  const apiFailures = counter("google_api_failures", "Calls to Google’s APIs that failed.");
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

function oneOf(list: readonly string[], value: string | null | undefined): string {
  return value && list.includes(value) ? value : "other";
}

/** The clock may have been set back meanwhile. */
function seconds({ durationMs }: LogFields): number {
  return Math.max(0, durationMs ?? 0) / 1000;
}

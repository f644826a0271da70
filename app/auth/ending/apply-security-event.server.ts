import type { Log } from "../../config/log.server";
import type { SecurityEvent } from "../../google/security-event.server";
import type { EndedSessions } from "../../session/ended-sessions.server";
import type { Pseudonyms } from "../../session/pseudonyms.server";
import { type RefreshTokenId, refreshTokenIdFromEvent } from "../../store/refresh-token-ids.server";
import type { Store } from "../../store/store.server";
import type { UserKey } from "../../store/store-parts.server";
import { learnMark } from "./follow-ends.server";

/**
 * What an event asks for.
 *
 * - `end_sessions`: their tokens are deleted with them.
 * - `none`: nothing that this app knows, or about somebody whom another issuer names.
 */
export type SecurityAction =
  | { kind: "end_sessions" | "block_sign_in" | "allow_sign_in" | "require_step_up"; who: UserKey }
  | { kind: "forget_refresh_token"; token: RefreshTokenId }
  | { kind: "note_verification"; hasState: boolean }
  | { kind: "none"; cause: "unknown_type" | "unknown_subject" };

/** - `applied`: done, and noted. `seen`: it was before. `unavailable`: let Google send it again. */
export type SecurityEventApplied = "applied" | "seen" | "unavailable";

interface Parts {
  store: Pick<
    Store,
    | "endSessions"
    | "findSecurityEvent"
    | "forgetRefreshToken"
    | "readUser"
    | "recordSecurityEvent"
    | "setGoogleBlocked"
    | "requireStepUp"
  >;
  ended: EndedSessions;
  log: Log;
  pseudonyms: Pseudonyms;
}

const RISC = "https://schemas.openid.net/secevent/risc/event-type/";
const OAUTH = "https://schemas.openid.net/secevent/oauth/event-type/";

/** An event's type in a word, such as `account-disabled`; `unknown` for one that nobody has defined. */
function securityEventKind(type: string): string {
  const kind = type.slice(type.lastIndexOf("/") + 1);
  return type.startsWith(RISC) || type.startsWith(OAUTH) ? kind : "unknown";
}

/** What is to be done about one event: Google's table of required and suggested answers (SO-20). */
export function decideSecurityEvent(
  type: string,
  payload: Readonly<Record<string, unknown>>,
  issuer: string,
): SecurityAction {
  const subject = isObject(payload.subject) ? payload.subject : {};
  switch (type) {
    case `${RISC}sessions-revoked`:
    case `${OAUTH}tokens-revoked`:
      return about(subject, issuer, "end_sessions");
    case `${OAUTH}token-revoked`:
      return forget(subject);
    case `${RISC}account-disabled`:
      return about(
        subject,
        issuer,
        payload.reason === "hijacking" ? "end_sessions" : "block_sign_in",
      );
    case `${RISC}account-enabled`:
      return about(subject, issuer, "allow_sign_in");
    case `${RISC}account-credential-change-required`:
      return about(subject, issuer, "require_step_up");
    case `${RISC}verification`:
      return { kind: "note_verification", hasState: typeof payload.state === "string" };
    default:
      return { kind: "none", cause: "unknown_type" };
  }
}

/**
 * Does what a verified event asks for, once: it is noted when everything is done, so that one whose
 * work failed is done when Google sends it again. Doing it twice changes nothing (SO-21).
 */
export async function applySecurityEvent(
  parts: Parts,
  issuer: string,
  event: SecurityEvent,
): Promise<SecurityEventApplied> {
  const { store, log } = parts;
  const { jti } = event;
  const found = await store.findSecurityEvent(jti);
  if (found.kind !== "new") return found.kind;
  for (const [type, payload] of event.events) {
    const action = decideSecurityEvent(type, payload, issuer);
    if (!(await act(parts, action, event.issuedAt))) return "unavailable";
    const who = "who" in action ? { user: parts.pseudonyms.ofUser(action.who) } : {};
    const about = { kind: securityEventKind(type), action: action.kind, ...who };
    switch (action.kind) {
      case "none":
        log.warn("security_event_ignored", { ...about, cause: action.cause });
        break;
      case "note_verification":
        log.info("security_event_verification", { ...about, hasState: action.hasState });
        break;
      default:
        log.warn("security_event_applied", about);
    }
  }
  const noted = await store.recordSecurityEvent({ jti });
  return noted.kind === "unavailable" ? "unavailable" : "applied";
}

/** @returns whether it is done. */
async function act(parts: Parts, action: SecurityAction, issuedAt: number): Promise<boolean> {
  const { store } = parts;
  switch (action.kind) {
    case "end_sessions":
      return endSessions(parts, action.who, issuedAt);
    case "forget_refresh_token":
      return (await store.forgetRefreshToken(action.token)).kind !== "unavailable";
    case "block_sign_in":
    case "allow_sign_in":
      return changeSignIn(store, action.who, action.kind === "block_sign_in", issuedAt);
    case "require_step_up": {
      const after = secondAfter(issuedAt);
      const changed = await store.requireStepUp({ ...action.who, after });
      return changed.kind !== "unavailable";
    }
    case "note_verification":
    case "none":
      return true;
  }
}

/** Sessions that began after the event are the person's own again (SO-21). */
async function endSessions(
  { store, ended, log, pseudonyms }: Parts,
  who: UserKey,
  issuedAt: number,
): Promise<boolean> {
  const ends = await store.endSessions({
    ...who,
    reason: "security_event",
    startedBefore: secondAfter(issuedAt),
  });
  if (ends.kind === "unavailable") return false;
  learnMark(ended, ends.mark);
  if (ends.count > 0) {
    log.warn("session_expired", {
      reason: "security_event",
      sessions: ends.count,
      user: pseudonyms.ofUser(who),
    });
  }
  return true;
}

/**
 * Events may come late and in any order: the youngest word counts, and somebody who has signed in
 * since the account was disabled is not blocked.
 */
async function changeSignIn(
  store: Parts["store"],
  who: UserKey,
  blocked: boolean,
  issuedAt: number,
): Promise<boolean> {
  const found = await store.readUser(who);
  if (found.kind !== "found") return found.kind !== "unavailable";
  const { lastSignedInAt, googleBlockedAt, googleEnabledAt } = found.user;
  const late = blocked
    ? lastSignedInAt >= secondAfter(issuedAt) || isAfter(googleEnabledAt, issuedAt)
    : isAfter(googleBlockedAt, issuedAt);
  if (late) return true;
  // By the event's own time, so that another one can be told to be older.
  const changed = await store.setGoogleBlocked({ ...who, blocked, at: issuedAt });
  return changed.kind !== "unavailable";
}

function isAfter(at: number | null, issuedAt: number): boolean {
  return at !== null && at > issuedAt;
}

/** `iat` has whole seconds: what happened within that second counts as before the event. */
function secondAfter(issuedAt: number): number {
  return issuedAt + 1000;
}

function about(
  { iss, sub }: Readonly<Record<string, unknown>>,
  issuer: string,
  kind: Extract<SecurityAction, { who: UserKey }>["kind"],
): SecurityAction {
  const sameIssuer = iss === issuer || iss === `${issuer}/` || `${String(iss)}/` === issuer;
  return sameIssuer && typeof sub === "string" && sub !== ""
    ? { kind, who: { issuer, sub } }
    : { kind: "none", cause: "unknown_subject" };
}

function forget({
  token_identifier_alg: algorithm,
  token,
}: Readonly<Record<string, unknown>>): SecurityAction {
  const id =
    typeof algorithm === "string" && typeof token === "string"
      ? refreshTokenIdFromEvent(algorithm, token)
      : null;
  return id === null
    ? { kind: "none", cause: "unknown_subject" }
    : { kind: "forget_refresh_token", token: id };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import type { Log } from "../../config/log.server";
import type { SecurityEvent } from "../../google/security-event.server";
import type { EndedSessions } from "../../session/ended-sessions.server";
import type { Pseudonyms } from "../../session/pseudonyms.server";
import type { Store } from "../../store/store.server";
import type { UserKey } from "../../store/store-parts.server";
import {
  decideSecurityEvent,
  type SecurityAction,
  securityEventKind,
} from "./decide-security-event.server";
import { learnMark } from "./follow-ends.server";

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

/** Sessions that began after the event are the person’s own again (SO-21). */
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
  // By the event’s own time, so that another one can be told to be older.
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

import { hashSessionId } from "../config/id-hash.server";
import type { EndReason } from "../session/end-reason";
import type { Session } from "../session/session.server";
import { decideConfirmation } from "./decide-confirmation";
import type { RequestContext } from "./request-context.server";
import { revokeSoon } from "./revoke-soon.server";

export const ACCOUNT_INTENTS = [
  "end-session",
  "end-other-sessions",
  "end-all-sessions",
  "disconnect-google",
  "delete-account",
] as const;

export type AccountIntent = (typeof ACCOUNT_INTENTS)[number];

/**
 * - `done`: the person stays signed in here.
 * - `signed_out`: this session has ended too, for `reason`.
 * - `unconfirmed`: it takes a fresh sign-in of the same person first; nothing was changed.
 * - `unavailable`: the database is away; nothing was changed.
 */
export type AccountOutcome =
  | { kind: "done" }
  | { kind: "signed_out"; reason: EndReason }
  | { kind: "unconfirmed" }
  | { kind: "unavailable" };

/**
 * Does what the person asks of their account. Whatever ends, ends in this process at once, and in
 * others within seconds. What concerns all devices takes a recent sign-in (ASVS 7.5.2); ending one of
 * them doesn't, so that an end never has to wait for Google.
 *
 * @param handle of the session to end, for `end-session`; one that isn't theirs changes nothing.
 */
export async function performAccountAction(
  context: RequestContext,
  intent: AccountIntent,
  handle: string,
): Promise<AccountOutcome> {
  const session = context.session.active();
  const { store, clock } = context.app;
  const person = { issuer: session.user.issuer, sub: session.user.id };
  const now = clock.now();
  if (intent !== "end-session") {
    const found = await store.readUser(person);
    if (found.kind === "unavailable") return found;
    const stepUpRequiredAt = found.kind === "found" ? found.user.stepUpRequiredAt : null;
    if (decideConfirmation(session, stepUpRequiredAt, now) === "needed") {
      return { kind: "unconfirmed" };
    }
  }
  switch (intent) {
    case "end-session": {
      const ended = await store.endSessionByHandle({
        ...person,
        handle,
        reason: "ended_elsewhere",
        now,
      });
      if (ended.kind === "unavailable") return ended;
      return settle(context, session, ended.kind === "ended" ? [ended] : [], "ended_elsewhere");
    }
    case "end-other-sessions":
      return endSessions(context, session, "ended_elsewhere", { except: session.id });
    case "end-all-sessions":
      return endSessions(context, session, "ended_elsewhere");
    case "disconnect-google": {
      // Ended first: whatever Google answers, nobody goes on with what was to be given back.
      const outcome = await endSessions(context, session, "disconnected");
      if (outcome.kind !== "unavailable") await revokeSoon(context, session.tokens.refreshToken);
      return outcome;
    }
    case "delete-account": {
      const deleted = await store.deleteUser({ ...person, reason: "account_deleted", now });
      if (deleted.kind === "unavailable") return deleted;
      await revokeSoon(context, session.tokens.refreshToken);
      const ended = deleted.kind === "deleted" ? deleted.ended : [];
      settle(context, session, ended, "account_deleted");
      context.session.end("account_deleted");
      return { kind: "signed_out", reason: "account_deleted" };
    }
  }
}

async function endSessions(
  context: RequestContext,
  session: Session,
  reason: EndReason,
  options: { except?: string } = {},
): Promise<AccountOutcome> {
  const { store, clock } = context.app;
  const { issuer, id: sub } = session.user;
  const ended = await store.endSessions({ issuer, sub, reason, now: clock.now(), ...options });
  return ended.kind === "unavailable" ? ended : settle(context, session, ended.sessions, reason);
}

/** Makes ends known to this process, and ends the session of this request if it is among them. */
function settle(
  context: RequestContext,
  session: Session,
  ended: readonly { idHash: string }[],
  reason: EndReason,
): AccountOutcome {
  const { log, app } = context;
  const here = hashSessionId(session.id);
  for (const { idHash } of ended) {
    if (idHash !== here) app.ended.addHashed(idHash, reason);
  }
  log.info("session_logout", { reason, sessions: ended.length });
  if (!ended.some(({ idHash }) => idHash === here)) return { kind: "done" };
  // Of one's own doing here; elsewhere it is somebody else's.
  const own = reason === "ended_elsewhere" ? "signed_out" : reason;
  context.session.end(own);
  return { kind: "signed_out", reason: own };
}

import type { Clock } from "../../config/clock.server";
import { hashSessionId } from "../../config/id-hash.server";
import type { Log } from "../../config/log.server";
import type { EndReason } from "../../session/end-reason";
import type { EndedSessions } from "../../session/ended-sessions.server";
import type { RequestSession } from "../../session/request-session.server";
import type { Session } from "../../session/session.server";
import type { StoredTokens } from "../../session/stored-tokens.server";
import type { EndMark } from "../../store/end-marks.server";
import type { Store } from "../../store/store.server";
import { grantOf } from "../refresh/grant-of.server";
import type { Refresher } from "../refresh/refresh.server";
import { decideConfirmation } from "./decide-confirmation";
import { learnMark } from "./follow-ends.server";
import type { Revocations } from "./revocations.server";

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
 * - `absent`: there is no such device; nothing was changed.
 * - `unconfirmed`: it takes a fresh sign-in of the same person first; nothing was changed.
 * - `unavailable`: the database is away; nothing was changed.
 */
export type AccountOutcome =
  | { kind: "done" }
  | { kind: "signed_out"; reason: EndReason }
  | { kind: "absent" }
  | { kind: "unconfirmed" }
  | { kind: "unavailable" };

/** What of a request’s context this needs. */
export interface AccountActionContext {
  session: RequestSession;
  log: Log;
  app: {
    clock: Clock;
    store: Store;
    storedTokens: StoredTokens;
    refresher: Pick<Refresher, "look">;
    ended: EndedSessions;
    revocations: Revocations;
  };
}

/**
 * Does what the person asks of their account. Whatever ends, ends in this process at once, and in
 * others within seconds. What concerns all devices takes a recent sign-in (ASVS 7.5.2); ending one of
 * them doesn’t, so that an end never has to wait for Google.
 *
 * A session whose row is gone has ended and can do nothing: it can’t even tell whose devices it is
 * among.
 *
 * @param handle of the session to end, for `end-session`; one that isn’t theirs changes nothing.
 */
export async function performAccountAction(
  context: AccountActionContext,
  intent: AccountIntent,
  handle: string,
): Promise<AccountOutcome> {
  const session = context.session.active();
  const { store, clock } = context.app;
  const person = { issuer: session.user.issuer, sub: session.user.id };
  const now = clock.now();
  const known = await context.app.refresher.look(session, context.log);
  if (known.kind === "ended") {
    context.session.end(known.reason);
    return { kind: "signed_out", reason: known.reason };
  }
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
      const reason = "ended_elsewhere";
      const ended = await store.endSessionByHandle({ ...person, handle, reason });
      if (ended.kind === "unavailable") return ended;
      if (ended.kind !== "ended") return { kind: "absent" };
      context.log.info("session_logout", { reason, sessions: 1 });
      if (ended.idHash === hashSessionId(session.id)) return signedOutHere(context, reason);
      context.app.ended.addHashed(ended.idHash, reason, now);
      return { kind: "done" };
    }
    case "end-other-sessions":
      return endSessions(context, session, "ended_elsewhere", { except: session.id });
    case "end-all-sessions":
      return endSessions(context, session, "ended_elsewhere");
    case "disconnect-google":
      return givingBack(context, session, () => endSessions(context, session, "disconnected"));
    case "delete-account":
      return givingBack(context, session, async () => {
        const reason = "account_deleted";
        const deleted = await store.deleteUser({ ...person, reason });
        if (deleted.kind === "unavailable") return deleted;
        noteEnds(context, deleted.ended, reason);
        return signedOutHere(context, reason);
      });
  }
}

/**
 * Ends sessions and gives their grant back. That is written down first, so that it isn’t forgotten;
 * and Google is asked last, so that nobody goes on with what was to be given back.
 */
async function givingBack(
  { app, log }: AccountActionContext,
  session: Session,
  end: () => Promise<AccountOutcome>,
): Promise<AccountOutcome> {
  const { issuer, id: sub } = session.user;
  const noted = await app.revocations.owe({ issuer, sub }, await grantOf(app, session));
  if (noted.kind === "unavailable") return noted;
  const outcome = await end();
  if (outcome.kind === "unavailable") await app.revocations.drop(noted.owed);
  else await app.revocations.revoke(noted.owed, log);
  return outcome;
}

async function endSessions(
  context: AccountActionContext,
  session: Session,
  reason: EndReason,
  options: { except?: string } = {},
): Promise<AccountOutcome> {
  const { issuer, id: sub } = session.user;
  const ended = await context.app.store.endSessions({ issuer, sub, reason, ...options });
  if (ended.kind === "unavailable") return ended;
  noteEnds(context, ended, reason);
  // This one too, if it had been ended before from another device.
  return ended.mark.spared === null ? signedOutHere(context, reason) : { kind: "done" };
}

/** Makes ends of many known to this process at once. */
function noteEnds(
  { app, log }: AccountActionContext,
  { mark, count }: { mark: EndMark; count: number },
  reason: EndReason,
): void {
  learnMark(app.ended, mark);
  log.info("session_logout", { reason, sessions: count });
}

/** The session of this request is among those that ended. */
function signedOutHere({ session }: AccountActionContext, reason: EndReason): AccountOutcome {
  // Of one’s own doing here; elsewhere it is somebody else’s.
  const own = reason === "ended_elsewhere" ? "signed_out" : reason;
  session.end(own);
  return { kind: "signed_out", reason: own };
}

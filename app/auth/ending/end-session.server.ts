import type { Log } from "../../config/log.server";
import type { EndReason } from "../../session/end-reason";
import type { LoginHints } from "../../session/login-hint.server";
import type { RequestSession } from "../../session/request-session.server";
import type { Session } from "../../session/session.server";
import type { Cookies } from "../../session/session-cookie.server";
import type { Store } from "../../store/store.server";
import type { OwedWrites } from "../refresh/owed-writes.server";

/** What of a request’s context it takes to end a session for all processes. */
export interface EndInStoreContext {
  log: Log;
  app: { store: Store; owed: OwedWrites };
}

/** What it takes to have a browser forget. */
export interface ForgetInBrowserContext {
  cookies: Cookies;
  app: {
    hints: LoginHints;
    /** Sign-ins under way. */
    transactions: { clear(cookies: Cookies): string[] };
  };
}

export type EndSessionContext = EndInStoreContext &
  ForgetInBrowserContext & { session: RequestSession };

/**
 * Signs this browser out: the session ends for good, and sign-ins under way are dropped. Works with
 * an expired or unreadable cookie, without Google, and as often as one likes (SO-14).
 *
 * Nothing is revoked at Google: that would sign the person out on every device (SO-06).
 *
 * @returns headers for the answer.
 */
export async function endSession(context: EndSessionContext): Promise<Headers> {
  const { session, log } = context;
  const state = session.read();
  session.end("signed_out");
  if (state.status === "active") {
    log.info("session_logout", { reason: "signed_out" });
    await endInStore(context, state.session, "signed_out");
  }
  return forgetInBrowser(context);
}

/**
 * Headers for the answer that signs out: this browser forgets its sign-ins under way, whose account it
 * was, and what it keeps of pages. The session’s own cookie goes with the session.
 *
 * `Clear-Site-Data` leaves cookies alone, since it would reach those of sibling domains.
 */
export function forgetInBrowser({ app, cookies }: ForgetInBrowserContext): Headers {
  const headers = new Headers({ "Clear-Site-Data": '"cache", "storage"' });
  for (const cookie of [...app.transactions.clear(cookies), ...app.hints.clear(cookies)]) {
    headers.append("Set-Cookie", cookie);
  }
  return headers;
}

/**
 * Makes a session’s end known to all processes, and deletes its tokens there: now, or as soon as the
 * database is back.
 */
export async function endInStore(
  { app, log }: EndInStoreContext,
  session: Session,
  reason: EndReason,
): Promise<void> {
  const { id, startedAt } = session;
  const ended = await app.owed.write(() => app.store.endSession({ id, reason, startedAt }));
  // This process refuses the session all the same; others can’t know yet.
  if (ended.kind === "unavailable") log.error("session_end_not_shared", { reason, alarm: true });
}

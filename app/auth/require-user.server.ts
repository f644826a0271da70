import { redirect } from "@remix-run/node";
import type { Log } from "../config/log.server";
import { featuresOf } from "../google/scopes";
import type { EndReason } from "../session/end-reason";
import { absoluteEnd, type SessionLimits, sessionEnd } from "../session/limits.server";
import { renewalsOf, type Session, type SessionUser } from "../session/session.server";
import {
  type GoogleAccess,
  type GoogleAccessContext,
  googleAccess,
} from "./access/google-access.server";
import { dueAt } from "./refresh/decide-refresh.server";
import { freshSession } from "./refresh/fresh-session.server";
import { loginPath, returnToOf } from "./sign-in/return-to";

/** What of a request’s context this needs. */
export type RequireUserContext = GoogleAccessContext & {
  asked: { url: URL };
  app: { limits: SessionLimits };
};

/** What loaders and actions get from Remix. */
export interface LoaderArgs {
  request: Request;
  context: RequireUserContext;
}

/** The signed-in person of a request. Times in ms since the epoch. */
export interface SignedIn {
  user: SessionUser;
  session: SessionTimes;
  /** What the person allowed beyond signing in, such as `calendar`. */
  features: string[];
  google: GoogleAccess;
}

export interface SessionTimes {
  startedAt: number;
  lastSeenAt: number;
  /** When the session ends if nothing more is done. */
  endsAt: number;
  /** When it ends in any case. */
  absoluteEndsAt: number;
  /** When the access token was issued, becomes due, and ends. */
  renewedAt: number;
  accessDueAt: number;
  accessExpiresAt: number;
  /** When it was renewed, oldest first: the last few times. */
  renewals: number[];
}

/**
 * The signed-in person, for loaders and actions that need one. Call it first.
 *
 * Renews the access token when ten minutes or less are left of it; the updated cookie is committed
 * by itself. A failed refresh never throws: the person is known as long as the session lives.
 *
 * @throws for somebody who isn’t signed in: a redirect to `/login` that leads back here, or under
 *   `/api/` a 401. Nothing has happened before it.
 */
export async function requireUser({ context }: LoaderArgs): Promise<SignedIn> {
  const fresh = await freshSession(context);
  const toSignIn = (reason: EndReason | null) =>
    signInFirst(context.log, context.asked.url, reason);
  if (fresh.status !== "active") throw toSignIn(fresh.reason);
  return signedIn(context, use(context, fresh.session), toSignIn);
}

function signInFirst(log: Log, url: URL, reason: EndReason | null): Response {
  if (url.pathname.startsWith("/api/")) {
    log.warn("authz_fail", { cause: "unauthenticated" });
    return Response.json({ error: "unauthenticated" }, { status: 401 });
  }
  return redirect(loginPath({ returnTo: returnToOf(url), reason }));
}

/** The signed-in person, or null, for pages that are also public. Throws nothing. */
export async function getUser({ context }: Pick<LoaderArgs, "context">): Promise<SignedIn | null> {
  const fresh = await freshSession(context);
  if (fresh.status !== "active") return null;
  return signedIn(context, use(context, fresh.session), null);
}

/** The session as this visit leaves it. A page that the browser only guesses will be wanted is no use of it. */
function use(context: RequireUserContext, session: Session): Session {
  if (!context.prefetch) noteUse(context);
  const state = context.session.read();
  return state.status === "active" ? state.session : session;
}

function noteUse({ session, log }: RequireUserContext): void {
  if (session.touch() !== null) log.info("session_renewed");
}

function signedIn(
  context: RequireUserContext,
  session: Session,
  whenEnded: ((reason: EndReason | null) => Response) | null,
): SignedIn {
  const { limits } = context.app;
  const { user, tokens } = session;
  return {
    user,
    session: {
      startedAt: session.startedAt,
      lastSeenAt: session.lastSeenAt,
      endsAt: sessionEnd(session, limits),
      absoluteEndsAt: absoluteEnd(session, limits),
      renewedAt: tokens.issuedAt,
      accessDueAt: dueAt(tokens),
      accessExpiresAt: tokens.expiresAt,
      renewals: renewalsOf(session),
    },
    features: featuresOf(tokens.scopes),
    google: googleAccess(context, user, whenEnded),
  };
}

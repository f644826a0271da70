import { json, redirect } from "@remix-run/node";
import { featuresOf } from "../google/scopes";
import type { ProfileResult } from "../google/userinfo.server";
import { absoluteEnd, sessionEnd } from "../session/limits.server";
import type { Session, SessionUser } from "../session/session.server";
import type { RefreshObstacle } from "./back-off.server";
import { dueAt } from "./decide-refresh.server";
import { freshSession, type GoogleStatus } from "./fresh-session.server";
import type { RequestContext } from "./request-context.server";
import { loginPath, returnToOf } from "./return-to";

/** What loaders and actions get from Remix. */
export interface LoaderArgs {
  request: Request;
  context: RequestContext;
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
  /** When the access token was last renewed, becomes due, and ends. */
  renewedAt: number;
  accessDueAt: number;
  accessExpiresAt: number;
}

/** Google's APIs in the person's name. The tokens themselves stay in here. */
export interface GoogleAccess {
  /**
   * The access token, for an API that this app doesn't know yet: in an `Authorization` header, to
   * Google's hosts only.
   *
   * @throws a 503 Response with `Retry-After` while there is none that works.
   */
  accessToken(): string;
  /** The profile as Google tells it now; `unavailable` while Google can't be asked, or may not be. */
  fetchProfile(): Promise<ProfileResult | { status: "unavailable"; cause: RefreshObstacle }>;
}

/**
 * The signed-in person, for loaders and actions that need one. Call it first.
 *
 * Renews the access token when ten minutes or less are left of it; the updated cookie is committed
 * by itself. A failed refresh never throws: the person is known as long as the session lives.
 *
 * @throws for somebody who isn't signed in: a redirect to `/login` that leads back here, or under
 *   `/api/` a 401. Nothing has happened before it.
 */
export async function requireUser({ request, context }: LoaderArgs): Promise<SignedIn> {
  const fresh = await freshSession(context);
  if (fresh.status === "active") {
    noteUse(context);
    return signedIn(context, fresh.session, fresh.google);
  }
  const url = new URL(request.url);
  if (url.pathname.startsWith("/api/")) {
    throw json({ error: "unauthenticated" }, { status: 401 });
  }
  throw redirect(loginPath({ returnTo: returnToOf(url), reason: fresh.reason }));
}

/** The signed-in person, or null, for pages that are also public. Throws nothing. */
export async function getUser({ context }: Pick<LoaderArgs, "context">): Promise<SignedIn | null> {
  const fresh = await freshSession(context);
  if (fresh.status !== "active") return null;
  noteUse(context);
  return signedIn(context, fresh.session, fresh.google);
}

/** A page that the browser only guesses will be wanted is no use of the session. */
function noteUse({ session, prefetch, app, log }: RequestContext): void {
  const touched = prefetch ? null : session.touch();
  if (touched === null) return;
  // Nobody waits for it: it only tells the account page when a device was last seen.
  app.store.touchSession({ id: touched.id, now: touched.lastSeenAt }).catch((error: unknown) => {
    log.error("unexpected_error", { cause: error instanceof Error ? error.name : "unknown" });
  });
}

function signedIn(context: RequestContext, session: Session, google: GoogleStatus): SignedIn {
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
    },
    features: featuresOf(tokens.scopes),
    google: {
      accessToken() {
        if (google.live) return tokens.accessToken;
        throw json(
          { error: "google_unavailable" },
          {
            status: 503,
            headers: { "Retry-After": String(Math.ceil(google.retryAfterMs / 1000)) },
          },
        );
      },
      async fetchProfile() {
        if (!google.live) return { status: "unavailable", cause: google.obstacle };
        const profile = await context.app.google.fetchProfile(tokens.accessToken, user.id);
        if (profile.status === "unavailable") {
          context.log.warn("google_api_failed", { api: "userinfo", cause: profile.cause });
        }
        return profile;
      },
    },
  };
}

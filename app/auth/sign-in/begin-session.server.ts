import Bowser from "bowser";
import type { Clock } from "../../config/clock.server";
import { type Random, randomId } from "../../config/random.server";
import type { IdTokenClaims } from "../../google/id-token.server";
import { allowedPicture } from "../../google/picture";
import type { GrantedTokens } from "../../google/token-answer.server";
import type { Session } from "../../session/session.server";
import type { StoredTokens } from "../../session/stored-tokens.server";
import { refreshTokenIds } from "../../store/refresh-token-ids.server";
import type { Store } from "../../store/store.server";
import { SignInFailure } from "./sign-in-error";

/** What of a request’s context it takes to record a sign-in. */
export interface RecordSignInContext {
  app: { store: Store; storedTokens: StoredTokens };
}

/** The session that a sign-in begins. */
export function newSession(
  { clock, random }: { clock: Clock; random: Random },
  claims: IdTokenClaims,
  tokens: GrantedTokens & { refreshToken: string; scopes: string[] },
): Session {
  const now = clock.now();
  const email = claims.email ?? "";
  return {
    id: randomId(random),
    generation: 0,
    user: {
      issuer: claims.issuer,
      id: claims.sub,
      name: claims.name ?? email,
      email,
      picture: allowedPicture(claims.picture),
      hostedDomain: claims.hostedDomain,
    },
    tokens: {
      accessToken: tokens.accessToken,
      issuedAt: tokens.issuedAt,
      issuedBefore: [],
      expiresAt: tokens.expiresAt,
      refreshToken: tokens.refreshToken,
      refreshExpiresAt: tokens.refreshExpiresAt,
      scopes: tokens.scopes,
    },
    startedAt: now,
    lastSeenAt: now,
  };
}

/**
 * Records the person and the session before the browser gets it: nobody is signed in whom the store
 * doesn’t know, so that every session can be ended from anywhere.
 *
 * @returns the session as it began by the database’s clock, or why the sign-in is refused.
 */
export async function recordSignIn(
  request: Request,
  { app }: RecordSignInContext,
  session: Session,
): Promise<Session | SignInFailure> {
  const { user, tokens } = session;
  const recorded = await app.store.recordSignIn({
    user: {
      issuer: user.issuer,
      sub: user.id,
      name: user.name,
      email: user.email,
      picture: user.picture,
      hostedDomain: user.hostedDomain,
    },
    session: {
      id: session.id,
      sealed: app.storedTokens.seal(tokens),
      refreshTokenIds: refreshTokenIds(tokens.refreshToken),
      seenAt: session.lastSeenAt,
      ...describeDevice(request.headers.get("User-Agent")),
    },
  });
  switch (recorded.kind) {
    case "recorded":
      return { ...session, startedAt: recorded.startedAt };
    case "disabled":
      return new SignInFailure("not_allowed", `disabled_by_${recorded.by}`);
    case "unavailable":
      return new SignInFailure("server_error", "database_unavailable");
  }
}

/** A browser and its system in plain words; null where the browser doesn’t say. */
interface Device {
  browser: string | null;
  system: string | null;
}

/** Reads `User-Agent` for the account page, where a person is to recognise their devices by it. */
function describeDevice(userAgent: string | null): Device {
  if (!userAgent) return { browser: null, system: null };
  const { browser, os } = Bowser.parse(userAgent.slice(0, 512));
  return { browser: browser.name || null, system: os.name || null };
}

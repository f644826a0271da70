import { randomId } from "../../config/random.server";
import type { IdTokenClaims } from "../../google/id-token.server";
import { allowedPicture } from "../../google/picture";
import type { GrantedTokens } from "../../google/token-answer.server";
import type { Session } from "../../session/session.server";
import type { RequestContext } from "../request-context.server";

/** The session that a sign-in begins. */
export function newSession(
  context: RequestContext,
  claims: IdTokenClaims,
  tokens: GrantedTokens & { refreshToken: string; scopes: string[] },
): Session {
  const now = context.app.clock.now();
  const email = claims.email ?? "";
  return {
    id: randomId(context.app.random),
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

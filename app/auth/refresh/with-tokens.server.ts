import type { GrantedTokens } from "../../google/token-answer.server";
import type { Session } from "../../session/session.server";

/** How many access tokens before the last are remembered, for the dashboard to show. */
const HISTORY = 4;

/**
 * The session after a refresh (RFC 6749 section 6): what Google didn't send stays as it was.
 *
 * @param hostedDomain as Google names it now; null where it didn't.
 */
export function withTokens(
  session: Session,
  granted: GrantedTokens,
  hostedDomain: string | null,
): Session {
  const { user, tokens } = session;
  return {
    ...session,
    generation: session.generation + 1,
    user: { ...user, hostedDomain: hostedDomain ?? user.hostedDomain },
    tokens: {
      accessToken: granted.accessToken,
      issuedAt: granted.issuedAt,
      issuedBefore: [...tokens.issuedBefore, tokens.issuedAt].slice(-HISTORY),
      expiresAt: granted.expiresAt,
      refreshToken: granted.refreshToken ?? tokens.refreshToken,
      refreshExpiresAt: granted.refreshExpiresAt ?? tokens.refreshExpiresAt,
      scopes: granted.scopes ?? tokens.scopes,
    },
  };
}

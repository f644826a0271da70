import type { IdTokenClaims } from "../google/id-token.server";
import type { SessionTokens } from "../session/session.server";
import type { GoogleSignIn } from "./google-strategy.server";
import type { RequestContext } from "./request-context.server";
import type { Transaction } from "./transaction.server";

/**
 * The refresh token of a sign-in: the one that Google sent, or else one at hand, since Google sends
 * none to somebody who has consented before (ADR 5).
 *
 * @param scopes what was granted just now.
 * @returns null when only another round with the consent screen brings one.
 */
export async function chooseRefreshToken(
  context: RequestContext,
  { claims, tokens }: GoogleSignIn,
  scopes: readonly string[],
  { feature, consentRound }: Transaction,
): Promise<string | null> {
  if (tokens.refreshToken !== null) return tokens.refreshToken;
  const atHand = await tokensAtHand(context, claims);
  // One from before a scope was added would lose it at the next refresh.
  const covers =
    feature === null || consentRound || scopes.every((scope) => atHand?.scopes.includes(scope));
  return covers ? (atHand?.refreshToken ?? null) : null;
}

/** The tokens of a live session of this person's: in this browser, or else on another device. */
async function tokensAtHand(
  { app, session }: RequestContext,
  { issuer, sub }: IdTokenClaims,
): Promise<SessionTokens | null> {
  const state = session.read();
  if (state.status === "active") {
    const { user, tokens } = state.session;
    if (user.id === sub && user.issuer === issuer) return tokens;
  }
  const found = await app.store.refreshTokenOf({ issuer, sub, now: app.clock.now() });
  if (found.kind !== "found") return null;
  return app.storedTokens.open(found.sealedTokens);
}

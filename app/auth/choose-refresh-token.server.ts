import type { IdTokenClaims } from "../google/id-token.server";
import { scopesFor } from "../google/scopes";
import { limitsAt } from "../session/limits.server";
import type { SessionTokens } from "../session/session.server";
import type { GoogleSignIn } from "./google-strategy.server";
import type { RequestContext } from "./request-context.server";
import type { Transaction } from "./transaction.server";

/**
 * The refresh token of a sign-in: the one that Google sent, or else one at hand, since Google sends
 * none to somebody who has consented before (ADR 5).
 *
 * @returns the scopes that the session has with it; null as the token when only another round with the
 *   consent screen brings one.
 */
export async function chooseRefreshToken(
  context: RequestContext,
  { claims, tokens }: GoogleSignIn,
  { feature, consentRound }: Transaction,
): Promise<{ refreshToken: string | null; scopes: string[] }> {
  // Omitted means "as asked for" (RFC 6749 5.1).
  const granted = tokens.scopes ?? scopesFor(feature);
  if (tokens.refreshToken !== null) return { refreshToken: tokens.refreshToken, scopes: granted };

  const atHand = await tokensAtHand(context, claims);
  // One from before a scope was added would lose it at the next refresh. Who asks for the feature then
  // gets a new one; for anybody else it is as if it hadn't been allowed, until they ask.
  const lasting = granted.filter((scope) => atHand?.scopes.includes(scope) ?? true);
  const covers = feature === null || consentRound || lasting.length === granted.length;
  return {
    refreshToken: covers ? (atHand?.refreshToken ?? null) : null,
    scopes: feature === null ? lasting : granted,
  };
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
  const within = limitsAt(app.limits, app.clock.now());
  const found = await app.store.tokensOf({ issuer, sub, ...within });
  return found.kind === "found" ? app.storedTokens.open(found.sealed) : null;
}

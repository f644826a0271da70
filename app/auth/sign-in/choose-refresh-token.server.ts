import type { Clock } from "../../config/clock.server";
import { type Random, randomId } from "../../config/random.server";
import type { Google } from "../../google/google.server";
import type { IdTokenClaims } from "../../google/id-token.server";
import { scopesFor } from "../../google/scopes";
import { limitsAt, type SessionLimits } from "../../session/limits.server";
import type { RequestSession } from "../../session/request-session.server";
import type { SessionTokens } from "../../session/session.server";
import type { GrantTokens, StoredTokens } from "../../session/stored-tokens.server";
import { refreshTokenIds } from "../../store/refresh-token-ids.server";
import type { Store } from "../../store/store.server";
import { grantOf } from "../refresh/grant-of.server";
import type { OwedWrites } from "../refresh/owed-writes.server";
import { LEASE_MS } from "../refresh/shared-refresh.server";
import type { GoogleSignIn } from "./google-strategy.server";
import type { Transaction } from "./transaction.server";

/** A person waits, and a sign-in goes on without it. */
const ONE_TRY = { deadlineMs: 4000, mayRetry: () => false };
/** How long it waits for somebody else’s refresh of the grant, and looks again. */
const PATIENCE_MS = 3000;
const LOOK_AGAIN_MS = 150;

/** What of a request’s context this needs. */
export interface ChooseRefreshTokenContext {
  session: RequestSession;
  app: {
    clock: Clock;
    google: Google;
    limits: SessionLimits;
    owed: OwedWrites;
    random: Random;
    store: Store;
    storedTokens: StoredTokens;
  };
}

/** The refresh token of a sign-in, with the scopes that the session has with it. */
interface Chosen {
  /** Null when only another round with the consent screen brings one. */
  grant: GrantTokens | null;
  scopes: string[];
  /** Lets others refresh the grant: to be called when the session with it has been recorded, or won’t be. */
  release?: () => Promise<void>;
}

/**
 * The refresh token of a sign-in: the one that Google sent, or else one at hand that proves to work,
 * since Google sends none to somebody who has consented before (ADR 5).
 */
export async function chooseRefreshToken(
  context: ChooseRefreshTokenContext,
  { claims, tokens }: GoogleSignIn,
  { feature, consentRound }: Transaction,
): Promise<Chosen> {
  // Omitted means "as asked for" (RFC 6749 5.1).
  const granted = tokens.scopes ?? scopesFor(feature);
  const { refreshToken, refreshExpiresAt } = tokens;
  if (refreshToken !== null) return { grant: { refreshToken, refreshExpiresAt }, scopes: granted };

  const atHand = await tokensAtHand(context, claims);
  // One from before a scope was added would lose it at the next refresh. Who asks for the feature then
  // gets a new one; for anybody else it is as if it hadn’t been allowed, until they ask.
  const lasting = granted.filter((scope) => atHand?.scopes.includes(scope) ?? true);
  const covers = feature === null || consentRound || lasting.length === granted.length;
  const scopes = feature === null ? lasting : granted;
  const held = atHand !== null && covers ? await holdGrant(context, claims, atHand) : null;
  if (held === null) return { grant: null, scopes };
  return { grant: await prove(context.app, held.tokens), scopes, release: held.release };
}

/**
 * Takes the lease on the grant at hand, as a refresh does: a token that is good for one use is sent by
 * one at a time, or its provider takes it for stolen and ends the grant on all devices (FE-17).
 *
 * @returns null where somebody else holds it for longer than a person waits, or no live session has it:
 *   it may have been replaced, and another round with the consent screen brings one of its own.
 */
async function holdGrant(
  context: ChooseRefreshTokenContext,
  { issuer, sub }: IdTokenClaims,
  first: SessionTokens,
): Promise<{ tokens: SessionTokens; release(): Promise<void> } | null> {
  const { store, clock, random } = context.app;
  const holder = randomId(random);
  const patientUntil = clock.now() + PATIENCE_MS;
  for (let tokens: SessionTokens | null = first; tokens !== null; ) {
    const { hash: refreshTokenHash } = refreshTokenIds(tokens.refreshToken);
    const lease = { issuer, sub, refreshTokenHash, holder, leaseMs: LEASE_MS };
    const claimed = await store.claimGrant(lease);
    // Without the database nobody can be signed in, a little later.
    if (claimed.kind === "claimed" || claimed.kind === "unavailable") {
      const release = async () => void (await store.releaseGrant({ issuer, sub, holder }));
      return { tokens, release };
    }
    if (clock.now() >= patientUntil) return null;
    if (claimed.kind === "held") await clock.sleep(LOOK_AGAIN_MS);
    const known: SessionTokens | null =
      claimed.kind === "absent"
        ? await tokensOfPerson(context.app, { issuer, sub })
        : await tokensAtHand(context, { issuer, sub });
    if (claimed.kind === "absent" && known?.refreshToken === tokens.refreshToken) return null;
    tokens = known;
  }
  return null;
}

/** The tokens of a live session of this person’s: in this browser, or else on another device. */
async function tokensAtHand(
  { app, session }: ChooseRefreshTokenContext,
  { issuer, sub }: Pick<IdTokenClaims, "issuer" | "sub">,
): Promise<SessionTokens | null> {
  const state = session.read();
  if (state.status === "active") {
    const { user, tokens } = state.session;
    if (user.id === sub && user.issuer === issuer) {
      return { ...tokens, ...(await grantOf(app, state.session)) };
    }
  }
  return tokensOfPerson(app, { issuer, sub });
}

async function tokensOfPerson(
  app: ChooseRefreshTokenContext["app"],
  { issuer, sub }: Pick<IdTokenClaims, "issuer" | "sub">,
): Promise<SessionTokens | null> {
  const { startedAfter } = limitsAt(app.limits, app.clock.now());
  // Of one that has just idled out, too: as long as its row is there, it saves a consent screen.
  const found = await app.store.tokensOf({ issuer, sub, startedAfter, seenAfter: 0 });
  return found.kind === "found" ? app.storedTokens.open(found.sealed) : null;
}

/**
 * Tries a refresh token at Google before a session begins with it: the person may have taken its
 * grant back and given a new one, which never arrived here (FE-20).
 *
 * @returns what works, or what may, while Google can’t say; null for one that is dead.
 */
async function prove(
  { google, store, storedTokens, owed }: ChooseRefreshTokenContext["app"],
  { refreshToken, refreshExpiresAt }: GrantTokens,
): Promise<GrantTokens | null> {
  const answer = await google.refreshTokens(refreshToken, ONE_TRY);
  // Whose rows hold it learn by their own refresh: one of them may be exchanging it just now.
  if (answer.kind === "grant_dead") return null;
  if (answer.kind !== "granted") return { refreshToken, refreshExpiresAt };
  const { tokens } = answer;
  const grant = {
    refreshToken: tokens.refreshToken ?? refreshToken,
    refreshExpiresAt: tokens.refreshExpiresAt ?? refreshExpiresAt,
  };
  if (grant.refreshToken !== refreshToken) {
    // The one that was good for one use is gone for the person’s other devices too (FE-17).
    const replaces = refreshTokenIds(refreshToken).hash;
    const ids = refreshTokenIds(grant.refreshToken);
    await owed.write(() => {
      const sealedRefresh = storedTokens.sealGrant(grant);
      return store.replaceRefreshToken({ replaces, sealedRefresh, refreshTokenIds: ids });
    });
  }
  return grant;
}

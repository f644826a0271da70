import { redirect } from "@remix-run/node";
import { Authenticator } from "remix-auth";
import type { Log } from "../../config/log.server";
import type { Google } from "../../google/google.server";
import type { Feature } from "../../google/scopes";
import type { LoginHints } from "../../session/login-hint.server";
import type { RequestSession } from "../../session/request-session.server";
import type { Cookies } from "../../session/session-cookie.server";
import { GoogleSignInStrategy, transactionStorage } from "./google-strategy.server";
import { noteRefusedSignIn } from "./note-refused-sign-in.server";
import type { SignInError } from "./sign-in-error";
import type { Account, Transactions } from "./transaction.server";

/** What of a request’s context this needs. */
export interface StartSignInContext {
  cookies: Cookies;
  log: Log;
  app: {
    settings: { appOrigin: string };
    google: Google;
    transactions: Transactions;
    hints: LoginHints;
  };
}

export interface SignInStart {
  /** A path of this app, as `parseReturnTo` gives it. */
  returnTo: string;
  /** The one extra round with the consent screen, for somebody whose refresh token isn’t at hand. */
  consentFor?: string;
  /** What is asked for beyond signing in, after a click on it (DA-03). */
  feature?: Feature | null;
  /** The only account that may answer. */
  account?: Account | null;
  /** Whether that account is to be chosen once more, by hand. */
  confirm?: boolean;
}

export type SignInStarted =
  | { ok: true; location: string; setCookies: string[] }
  | { ok: false; error: SignInError };

/** The one address that Google sends people back to: from the settings, never from the request (SF-14). */
export function redirectUri({ appOrigin }: { appOrigin: string }): string {
  return `${appOrigin}/auth/google/callback`;
}

/**
 * Begins a sign-in: a transaction in a cookie of its own, and the way to Google’s authorization
 * endpoint (OpenID Connect Core 3.1.2.1).
 *
 * Consent is not asked for here: Google shows its screen by itself to somebody new, and for
 * everybody else it would be shown at each sign-in and walk into the cap of 100 refresh tokens.
 */
export async function startGoogleSignIn(
  context: StartSignInContext,
  { returnTo, consentFor, feature = null, account = null, confirm = false }: SignInStart,
): Promise<SignInStarted> {
  const { settings, google, transactions, hints } = context.app;
  const found = await google.endpoints();
  if (!found.ok) {
    const error = found.error === "unavailable" ? "google_unavailable" : "misconfigured";
    noteRefusedSignIn(context.log, { error, cause: `discovery_${found.error}` });
    return { ok: false, error };
  }
  const consentRound = consentFor !== undefined;
  const { transaction, setCookies } = transactions.begin(
    { returnTo, consentRound, feature, account },
    context.cookies,
  );
  const strategy = new GoogleSignInStrategy({
    google,
    endpoints: found.endpoints,
    redirectUri: redirectUri(settings),
    transaction,
    ...promptFor(consentFor ?? null, account, hints.read(context.cookies)),
    ...(confirm && { prompt: "select_account" }),
  });
  const authenticator = new Authenticator(transactionStorage(transaction));
  const location = await authenticator
    .use(strategy)
    .authenticate(strategy.name, new Request(settings.appOrigin))
    .then(() => null, redirectOf);
  if (location === null) throw new Error("remix-auth did not redirect to Google");
  return { ok: true, location, setCookies };
}

/**
 * What Google is to show (G-OIDC, `prompt` and `login_hint`). Whose session ended by itself is led
 * straight to their account, and so is who is asked for more than signing in; everybody else, above
 * all after signing out, chooses one, since Google can’t be signed out of from here.
 */
function promptFor(consentFor: string | null, account: Account | null, hint: string | null) {
  if (consentFor !== null) return { prompt: "consent", loginHint: consentFor } as const;
  if (account !== null) return { loginHint: account.sub };
  return hint === null ? ({ prompt: "select_account" } as const) : { loginHint: hint };
}

/** remix-auth throws the redirect that it makes. */
function redirectOf(thrown: unknown): string | null {
  if (thrown instanceof Response) return thrown.headers.get("Location");
  throw thrown;
}

/** Whose session this browser has, or null. Asks Google nothing. */
export function signedInAccount({ session }: { session: RequestSession }): Account | null {
  const state = session.read();
  if (state.status !== "active") return null;
  const { issuer, id } = state.session.user;
  return { issuer, sub: id };
}

/** A redirect of the sign-in with its transaction’s cookies. Never a page: its address may hold a code. */
export function signInRedirect(location: string, setCookies: readonly string[]): Response {
  const headers = new Headers();
  for (const cookie of setCookies) headers.append("Set-Cookie", cookie);
  return redirect(location, { headers });
}

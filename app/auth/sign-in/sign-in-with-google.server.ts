import { Authenticator, AuthorizationError } from "remix-auth";
import type { Google } from "../../google/google.server";
import {
  type GoogleSignIn,
  GoogleSignInStrategy,
  transactionStorage,
} from "./google-strategy.server";
import { judgeAccount, judgeCallback } from "./judge-sign-in.server";
import { SignInFailure } from "./sign-in-error";
import { redirectUri } from "./start-google-sign-in.server";
import type { Transaction } from "./transaction.server";

/** What of a request’s context this needs. */
export interface SignInWithGoogleContext {
  app: {
    settings: { appOrigin: string; allowedHostedDomains: readonly string[] };
    google: Google;
  };
}

/** Hears out what Google says at the callback: who it is, with their tokens, or why not. */
export async function signInWithGoogle(
  request: Request,
  { app: { google, settings } }: SignInWithGoogleContext,
  transaction: Transaction,
): Promise<GoogleSignIn | SignInFailure> {
  const found = await google.endpoints();
  if (!found.ok) return new SignInFailure("google_unavailable", `discovery_${found.error}`);
  const refusal = judgeCallback(new URL(request.url).searchParams, found.endpoints);
  if (refusal) return refusal;

  const strategy = new GoogleSignInStrategy({
    google,
    endpoints: found.endpoints,
    redirectUri: redirectUri(settings),
    transaction,
  });
  const authenticator = new Authenticator<GoogleSignIn>(transactionStorage(transaction));
  try {
    const signIn = await authenticator
      .use(strategy)
      .authenticate(strategy.name, request, { throwOnError: true });
    return judgeAccount(signIn, settings.allowedHostedDomains, transaction.account) ?? signIn;
  } catch (error) {
    const cause = error instanceof AuthorizationError ? error.cause : error;
    if (cause instanceof SignInFailure) return cause;
    throw error;
  }
}

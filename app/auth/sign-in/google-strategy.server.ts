import { createHash } from "node:crypto";
import { createSession, type SessionStorage } from "@remix-run/node";
import { type GoogleExtraParams, type GoogleProfile, GoogleStrategy } from "remix-auth-google";
import type { Endpoints } from "../../google/endpoints.server";
import type { Google } from "../../google/google.server";
import type { IdTokenClaims } from "../../google/id-token.server";
import { scopesFor } from "../../google/scopes";
import type { GrantedTokens, TokenAnswer } from "../../google/token-answer.server";
import { SignInFailure } from "./sign-in-error";
import type { Transaction } from "./transaction.server";

/** What a finished round with Google brought. */
export interface GoogleSignIn {
  claims: IdTokenClaims;
  tokens: GrantedTokens;
}

export interface GoogleSignInStrategyParts {
  google: Google;
  endpoints: Endpoints;
  redirectUri: string;
  transaction: Transaction;
  prompt?: "consent" | "select_account";
  loginHint?: string;
}

/** Where remix-auth-oauth2 1.11 keeps the state in its session. */
const STATE_KEY = "oauth2:state";

/** The base class passes these to `verify`, which has the checked originals instead. */
const NOT_USED: GoogleExtraParams = {
  expires_in: 3920,
  token_type: "Bearer",
  scope: "",
  id_token: "",
};

/**
 * remix-auth-google’s strategy with what it lacks: PKCE S256 (RFC 7636), a nonce, the ID token’s
 * signature and claims, deadlines, and one transaction per tab. One instance serves one transaction.
 *
 * The base class keeps the order of things: send the person to Google; on the way back compare the
 * state, exchange the code, read the profile, verify. Failures leave as `SignInFailure`, the `cause`
 * of remix-auth’s `AuthorizationError`.
 */
export class GoogleSignInStrategy extends GoogleStrategy<GoogleSignIn> {
  readonly #parts: GoogleSignInStrategyParts;
  #tokens: GrantedTokens | undefined;
  #claims: IdTokenClaims | undefined;

  constructor(parts: GoogleSignInStrategyParts) {
    const { google, endpoints, redirectUri, transaction, prompt, loginHint } = parts;
    super(
      {
        clientID: google.client.clientId,
        clientSecret: google.client.clientSecret,
        callbackURL: redirectUri,
        scope: scopesFor(transaction.feature).join(" "),
        accessType: "offline",
        // What was allowed before stays allowed, and isn’t asked for again (DA-03).
        includeGrantedScopes: true,
        ...(prompt && { prompt }),
        ...(loginHint && { loginHint }),
      },
      async () => this.#finish(),
    );
    this.#parts = parts;
    this.authorizationURL = endpoints.authorization;
    this.tokenURL = endpoints.token;
    // The base class makes a UUID: 122 random bits where ASVS 11.5.1 asks for 128. Its method is
    // private in its types only.
    Object.defineProperty(this, "generateState", { value: () => transaction.state });
  }

  protected override authorizationParams(): URLSearchParams {
    const { nonce, codeVerifier } = this.#parts.transaction;
    const params = super.authorizationParams();
    params.set("nonce", nonce);
    params.set("code_challenge", createHash("sha256").update(codeVerifier).digest("base64url"));
    params.set("code_challenge_method", "S256");
    return params;
  }

  protected override async fetchAccessToken(code: string) {
    const { google, redirectUri, transaction } = this.#parts;
    const { codeVerifier } = transaction;
    const answer = await google.exchangeCode({ code, codeVerifier, redirectUri });
    if (answer.kind !== "granted") throw exchangeFailure(answer);
    this.#tokens = answer.tokens;
    return { accessToken: answer.tokens.accessToken, extraParams: NOT_USED };
  }

  /** The ID token tells who it is. Userinfo would be one more call, which could say something else. */
  protected override async userProfile(accessToken: string): Promise<GoogleProfile> {
    const idToken = this.#tokens?.idToken;
    if (!idToken) throw new SignInFailure("invalid_response", "id_token_missing");
    const { google, transaction } = this.#parts;
    const checked = await google.verifyIdToken(idToken, accessToken, transaction.nonce);
    if (!checked.ok) {
      throw checked.flaw === "keys_unavailable"
        ? new SignInFailure("google_unavailable", checked.flaw)
        : new SignInFailure("invalid_response", `id_token_${checked.flaw}`);
    }
    this.#claims = checked.claims;
    return profileOf(checked.claims);
  }

  #finish(): GoogleSignIn {
    if (!this.#tokens || !this.#claims) throw new Error("verify was called before userProfile");
    return { tokens: this.#tokens, claims: this.#claims };
  }
}

/** remix-auth’s idea of storage: nothing but this transaction’s state, in a cookie of its own. */
export function transactionStorage(transaction: Transaction, setCookie = ""): SessionStorage {
  return {
    getSession: async () => createSession({ [STATE_KEY]: transaction.state }),
    commitSession: async () => setCookie,
    destroySession: async () => setCookie,
  };
}

function exchangeFailure(answer: Exclude<TokenAnswer, { kind: "granted" }>): SignInFailure {
  switch (answer.kind) {
    case "grant_dead":
      return new SignInFailure("invalid_response", "code_refused");
    case "misconfigured":
      return new SignInFailure("misconfigured", answer.error);
    case "forbidden":
      return new SignInFailure(
        answer.error === "org_internal" ? "org_internal" : "admin_policy",
        answer.error,
      );
    case "unavailable":
      return new SignInFailure("google_unavailable", answer.cause);
  }
}

/** The claims in remix-auth’s shape. */
function profileOf(claims: IdTokenClaims): GoogleProfile {
  const [name, email, picture] = [claims.name ?? "", claims.email ?? "", claims.picture ?? ""];
  return {
    provider: "google",
    id: claims.sub,
    displayName: name,
    name: { familyName: "", givenName: "" },
    emails: [{ value: email }],
    photos: [{ value: picture }],
    _json: {
      sub: claims.sub,
      name,
      given_name: "",
      family_name: "",
      picture,
      locale: "",
      email,
      email_verified: claims.email !== null,
      hd: claims.hostedDomain ?? "",
    },
  };
}

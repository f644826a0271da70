import { createHash, randomBytes } from "node:crypto";
import { type Choice, GoogleVisitor, type Walk } from "../../local-google/google-visitor";
import type { LocalGoogle } from "../../local-google/local-google";

export const REDIRECT_URI = "http://localhost:3000/auth/google/callback";
export const CALENDAR = "https://www.googleapis.com/auth/calendar.events";

export type TokenAnswer = {
  access_token: string;
  refresh_token?: string;
  id_token: string;
  expires_in: number;
  scope: string;
  error?: string;
  error_description?: string;
};

export type Request = { params?: Record<string, string>; choice?: Choice; visitor?: GoogleVisitor };

/** The least that an app does to sign somebody in with the local Google. */
export class RelyingParty {
  readonly google: LocalGoogle;
  readonly verifier = randomBytes(32).toString("base64url");

  constructor(google: LocalGoogle) {
    this.google = google;
  }

  authorizationUrl(params: Record<string, string> = {}): string {
    const challenge = createHash("sha256").update(this.verifier).digest("base64url");
    const url = new URL(`${this.google.issuer}/o/oauth2/v2/auth`);
    url.search = new URLSearchParams({
      client_id: this.google.clientId,
      redirect_uri: REDIRECT_URI,
      response_type: "code",
      scope: "openid email profile",
      state: "the-state",
      nonce: "the-nonce",
      access_type: "offline",
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...params,
    }).toString();
    return url.href;
  }

  walk({ params, choice, visitor = new GoogleVisitor() }: Request = {}): Promise<Walk> {
    return visitor.authorize(this.authorizationUrl(params), choice);
  }

  async callback(request: Request = {}): Promise<URLSearchParams> {
    return new URL((await this.walk(request)).callbackUrl).searchParams;
  }

  async signIn(request: Request = {}): Promise<TokenAnswer> {
    const code = (await this.callback(request)).get("code") ?? "";
    return (await (await this.exchange(code)).json()) as TokenAnswer;
  }

  exchange(code: string, changes: Record<string, string> = {}): Promise<Response> {
    return this.token({
      grant_type: "authorization_code",
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: this.verifier,
      ...changes,
    });
  }

  refresh(refreshToken: string | undefined): Promise<Response> {
    return this.token({ grant_type: "refresh_token", refresh_token: refreshToken ?? "" });
  }

  async refreshed(refreshToken: string | undefined): Promise<TokenAnswer> {
    return (await (await this.refresh(refreshToken)).json()) as TokenAnswer;
  }

  token(form: Record<string, string>): Promise<Response> {
    const client = { client_id: this.google.clientId, client_secret: this.google.clientSecret };
    return this.post("/token", { ...client, ...form });
  }

  post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
    return fetch(this.google.issuer + path, {
      method: "POST",
      headers,
      body: new URLSearchParams(form),
      redirect: "manual",
    });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.google.issuer + path, { headers, redirect: "manual" });
  }

  userinfo(accessToken: string): Promise<Response> {
    return this.get("/v1/userinfo", { authorization: `Bearer ${accessToken}` });
  }
}

import type { Log } from "../config/log.server";
import type { Random } from "../config/random.server";
import type { ApiAnswer } from "./api-answer.server";
import { type ApiRequest, callApi } from "./api-request.server";
import { watchClockSkew } from "./clock-skew.server";
import { createEndpointSource, type EndpointsResult } from "./endpoints.server";
import type { Http } from "./http.server";
import { type IdTokenResult, verifyIdToken } from "./id-token.server";
import { type RevokeResult, revokeToken } from "./revoke.server";
import { type SecurityEventResult, verifySecurityEvent } from "./security-event.server";
import { createSecurityEventSource } from "./security-event-source.server";
import { createSigningKeys } from "./signing-keys.server";
import type { TokenAnswer } from "./token-answer.server";
import { requestTokens } from "./token-endpoint.server";
import { fetchTokenInfo, type TokenInfo } from "./token-info.server";
import { fetchProfile, type ProfileResult } from "./userinfo.server";

export interface GoogleClient {
  clientId: string;
  clientSecret: string;
  issuer: string;
  /** Where Calendar and other APIs are. */
  apiOrigin: string;
}

export interface CodeExchange {
  code: string;
  codeVerifier: string;
  redirectUri: string;
}

/**
 * Everything this app says to Google. No method throws, and each ends within 8 s; with an issuer that
 * has to be discovered first, within 13 s.
 */
export interface Google {
  readonly client: GoogleClient;
  endpoints(): Promise<EndpointsResult>;
  exchangeCode(exchange: CodeExchange): Promise<TokenAnswer>;
  /** @param mayRetry is asked after an attempt that failed, before there is another. */
  refreshTokens(refreshToken: string, mayRetry?: () => boolean): Promise<TokenAnswer>;
  /** @param nonce the one that the sign-in sent, or null for the ID token of a refresh. */
  verifyIdToken(idToken: string, accessToken: string, nonce: string | null): Promise<IdTokenResult>;
  fetchProfile(accessToken: string, sub: string): Promise<ProfileResult>;
  /** Whose access token it is, and whether it was issued to this app. */
  fetchTokenInfo(accessToken: string): Promise<TokenInfo>;
  /** Calls an API: on its own origin or userinfo's, and nowhere else. */
  callApi(accessToken: string, request: ApiRequest): Promise<ApiAnswer>;
  /** Gives the grant back, on all devices. */
  revoke(refreshToken: string): Promise<RevokeResult>;
  /** Checks a security event token that somebody posted. */
  verifySecurityEvent(token: string): Promise<SecurityEventResult>;
}

/** The client for one issuer: Google's, or in development and tests the local Google's. */
export function createGoogle(
  outside: Http & { random: Random; log: Log },
  client: GoogleClient,
): Google {
  const http = { ...outside, fetch: watchClockSkew(outside) };
  const endpoints = createEndpointSource(http, client.issuer);
  const securityEventSource = createSecurityEventSource(http, client.issuer);
  const signingKeys = createSigningKeys(http);

  async function askTokenEndpoint(
    params: Record<string, string>,
    mayRetry?: () => boolean,
  ): Promise<TokenAnswer> {
    const found = await endpoints();
    if (!found.ok) {
      return {
        kind: "unavailable",
        cause: `discovery_${found.error}`,
        retry: false,
        lost: false,
        retryAfterMs: null,
      };
    }
    return requestTokens(http, { ...client, url: found.endpoints.token }, params, mayRetry);
  }

  return {
    client,
    endpoints,
    exchangeCode: ({ code, codeVerifier, redirectUri }) =>
      askTokenEndpoint({
        grant_type: "authorization_code",
        code,
        code_verifier: codeVerifier,
        redirect_uri: redirectUri,
      }),
    refreshTokens: (refreshToken, mayRetry) =>
      askTokenEndpoint({ grant_type: "refresh_token", refresh_token: refreshToken }, mayRetry),

    async verifyIdToken(idToken, accessToken, nonce) {
      const found = await endpoints();
      if (!found.ok) return { ok: false, flaw: "keys_unavailable" };
      return verifyIdToken(idToken, signingKeys(found.endpoints.jwks, "id_token"), {
        issuers: found.endpoints.idTokenIssuers,
        issuer: found.endpoints.issuer,
        clientId: client.clientId,
        nonce,
        accessToken,
        now: http.clock.now(),
      });
    },

    async revoke(refreshToken) {
      const found = await endpoints();
      if (!found.ok || found.endpoints.revocation === null) {
        return { kind: "not_now", cause: "no_endpoint" };
      }
      return revokeToken(http, found.endpoints.revocation, refreshToken);
    },

    async fetchProfile(accessToken, sub) {
      const found = await endpoints();
      if (!found.ok) return { status: "unavailable", cause: "unreachable" };
      return fetchProfile(http, found.endpoints.userinfo, accessToken, sub);
    },

    async fetchTokenInfo(accessToken) {
      const found = await endpoints();
      if (!found.ok) return { kind: "unavailable" };
      return fetchTokenInfo(http, found.endpoints.tokenInfo, accessToken, client.clientId);
    },

    async callApi(accessToken, request) {
      const found = await endpoints();
      const origins = [client.apiOrigin];
      if (found.ok) origins.push(new URL(found.endpoints.userinfo).origin);
      return callApi(http, origins, accessToken, request);
    },

    verifySecurityEvent: (token) =>
      verifySecurityEvent(token, {
        source: securityEventSource,
        keysAt: (jwks) => signingKeys(jwks, "security_event"),
        issuer: client.issuer,
        clientId: client.clientId,
        now: http.clock.now(),
      }),
  };
}

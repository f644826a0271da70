import type { Log } from "../config/log.server";
import type { Random } from "../config/random.server";
import type { FeatureApis } from "./api-address.server";
import type { ApiAnswer } from "./api-answer.server";
import { type ApiGrant, type ApiRequest, callApi } from "./api-request.server";
import { watchClockSkew } from "./clock-skew.server";
import { createEndpointSource, type EndpointsResult } from "./endpoints.server";
import type { Http } from "./http.server";
import { type IdTokenResult, verifyIdToken } from "./id-token.server";
import { type RefreshedIdToken, readRefreshedIdToken } from "./refreshed-id-token.server";
import { type RevokeResult, revokeToken } from "./revoke.server";
import { FEATURES } from "./scopes";
import { type SecurityEventResult, verifySecurityEvent } from "./security-event.server";
import { createSecurityEventSource } from "./security-event-source.server";
import { createSigningKeys } from "./signing-keys.server";
import type { TokenAnswer } from "./token-answer.server";
import { requestTokens, TOKEN_DEADLINE_MS, type TokenLimits } from "./token-endpoint.server";
import { fetchTokenInfo, type TokenInfo } from "./token-info.server";
import { fetchProfile, type ProfileResult } from "./userinfo.server";

export interface GoogleClient {
  clientId: string;
  clientSecret: string;
  issuer: string;
  /** Where Calendar and other APIs are. Where it isn’t Google’s, it stands for all of their hosts. */
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
  /**
   * @param limits.deadlineMs for all of it, discovery and retries included.
   * @param limits.mayRetry is asked after an attempt that failed, before there is another.
   */
  refreshTokens(refreshToken: string, limits?: TokenLimits): Promise<TokenAnswer>;
  /** @param nonce the one that the sign-in sent. */
  verifyIdToken(idToken: string, accessToken: string, nonce: string): Promise<IdTokenResult>;
  /** Whom the ID token of a refresh names, `sub` or somebody else; null for no ID token. */
  readRefreshedIdToken(idToken: string | null, sub: string): Promise<RefreshedIdToken>;
  fetchProfile(accessToken: string, sub: string): Promise<ProfileResult>;
  /** Whose access token it is, and whether it was issued to this app. */
  fetchTokenInfo(accessToken: string): Promise<TokenInfo>;
  /** Calls an API: on its own origin, userinfo’s or that of a feature that is granted, and nowhere else. */
  callApi(grant: ApiGrant, request: ApiRequest): Promise<ApiAnswer>;
  /** Gives the grant back, on all devices. */
  revoke(refreshToken: string): Promise<RevokeResult>;
  /** Checks a security event token that somebody posted. */
  verifySecurityEvent(token: string): Promise<SecurityEventResult>;
}

/**
 * The client for one issuer: Google’s, or in development and tests the local Google’s.
 *
 * @param features whose APIs may be called, by whoever has been allowed them.
 */
export function createGoogle(
  outside: Http & { random: Random; log: Log },
  client: GoogleClient,
  features: readonly FeatureApis[] = Object.values(FEATURES),
): Google {
  const http = { ...outside, fetch: watchClockSkew(outside) };
  const endpoints = createEndpointSource(http, client.issuer);
  const securityEventSource = createSecurityEventSource(http, client.issuer);
  const signingKeys = createSigningKeys(http);

  async function askTokenEndpoint(
    params: Record<string, string>,
    { deadlineMs = TOKEN_DEADLINE_MS, mayRetry }: TokenLimits = {},
  ): Promise<TokenAnswer> {
    const until = http.clock.now() + deadlineMs;
    const found = await endpoints();
    const left = Math.min(TOKEN_DEADLINE_MS, until - http.clock.now());
    if (!found.ok || left <= 0) {
      return {
        kind: "unavailable",
        cause: found.ok ? "discovery_slow" : `discovery_${found.error}`,
        retry: false,
        lost: false,
        retryAfterMs: null,
      };
    }
    const endpoint = { ...client, url: found.endpoints.token };
    return requestTokens(http, endpoint, params, { deadlineMs: left, mayRetry });
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
    refreshTokens: (refreshToken, limits) =>
      askTokenEndpoint({ grant_type: "refresh_token", refresh_token: refreshToken }, limits),

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

    async readRefreshedIdToken(idToken, sub) {
      const found = await endpoints();
      if (!found.ok) return { kind: "unreadable", flaw: "malformed" };
      const { idTokenIssuers: issuers } = found.endpoints;
      return readRefreshedIdToken(idToken, { issuers, clientId: client.clientId, sub });
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

    async callApi(grant, request) {
      const found = await endpoints();
      const userinfoOrigin = found.ok ? new URL(found.endpoints.userinfo).origin : null;
      const { apiOrigin } = client;
      return callApi(http, { apiOrigin, userinfoOrigin, features }, grant, request);
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

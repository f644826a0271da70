import { z } from "zod";
import { isLoopback } from "../config/origin-setting.server";
import { parseUrl } from "../config/parse-url";
import { exchange, type Http, jsonObject } from "./http.server";

export interface Endpoints {
  /** What `iss` of an ID token may be. */
  idTokenIssuers: readonly string[];
  /** What `iss` of a callback must be (RFC 9207). */
  issuer: string;
  /** Whether a callback without `iss` is refused. */
  issRequired: boolean;
  authorization: string;
  token: string;
  userinfo: string;
  jwks: string;
  /** Null where the issuer has none. */
  revocation: string | null;
  tokenInfo: string;
}

export type EndpointsResult =
  | { ok: true; endpoints: Endpoints }
  | { ok: false; error: "unavailable" | "invalid_metadata" };

/**
 * Google’s own, built in: no discovery stands between a person and sign-in.
 * https://accounts.google.com/.well-known/openid-configuration
 *
 * Google’s ID tokens may name either literal as `iss`. Its callbacks have carried `iss` since
 * February 2026, rolled out in phases, so a missing one is not yet refused; a wrong one is.
 */
const GOOGLE: Endpoints = {
  idTokenIssuers: ["https://accounts.google.com", "accounts.google.com"],
  issuer: "https://accounts.google.com",
  issRequired: false,
  authorization: "https://accounts.google.com/o/oauth2/v2/auth",
  token: "https://oauth2.googleapis.com/token",
  userinfo: "https://openidconnect.googleapis.com/v1/userinfo",
  jwks: "https://www.googleapis.com/oauth2/v3/certs",
  revocation: "https://oauth2.googleapis.com/revoke",
  tokenInfo: "https://oauth2.googleapis.com/tokeninfo",
};

const FRESH_MS = 3_600_000;

/** Answers with the issuer’s endpoints: Google’s at once, another issuer’s by discovery, kept an hour. */
export function createEndpointSource(http: Http, issuer: string): () => Promise<EndpointsResult> {
  if (issuer === GOOGLE.issuer) return async () => ({ ok: true, endpoints: GOOGLE });

  let known: { endpoints: Endpoints; until: number } | null = null;
  let flight: Promise<EndpointsResult> | null = null;

  async function discover(): Promise<EndpointsResult> {
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const answer = await exchange(http, { url });
    const found: EndpointsResult =
      answer.kind === "answer" && answer.status === 200
        ? readMetadata(answer.body, issuer)
        : { ok: false, error: "unavailable" };
    if (found.ok) known = { endpoints: found.endpoints, until: http.clock.now() + FRESH_MS };
    // What was valid an hour ago serves better than nothing while discovery is down.
    else if (found.error === "unavailable" && known)
      return { ok: true, endpoints: known.endpoints };
    return found;
  }

  return async () => {
    if (known && http.clock.now() < known.until) return { ok: true, endpoints: known.endpoints };
    flight ??= discover().finally(() => {
      flight = null;
    });
    return flight;
  };
}

/** An address to ask: https, or http on this machine. */
export const endpointUrl = z.string().refine((text) => {
  const url = parseUrl(text);
  return url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
});

const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: endpointUrl,
  token_endpoint: endpointUrl,
  userinfo_endpoint: endpointUrl,
  jwks_uri: endpointUrl,
  revocation_endpoint: endpointUrl.optional(),
  // No standard one: Google’s, and those that behave like it.
  tokeninfo_endpoint: endpointUrl.optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

/** Provider metadata (OpenID Connect Discovery 4.3): its issuer must be the pinned one, to the letter. */
export function readMetadata(body: string, issuer: string): EndpointsResult {
  const result = metadataSchema.safeParse(jsonObject(body));
  if (!result.success || result.data.issuer !== issuer) {
    return { ok: false, error: "invalid_metadata" };
  }
  const metadata = result.data;
  return {
    ok: true,
    endpoints: {
      idTokenIssuers: [issuer],
      issuer,
      issRequired: metadata.authorization_response_iss_parameter_supported === true,
      authorization: metadata.authorization_endpoint,
      token: metadata.token_endpoint,
      userinfo: metadata.userinfo_endpoint,
      jwks: metadata.jwks_uri,
      revocation: metadata.revocation_endpoint ?? null,
      tokenInfo: metadata.tokeninfo_endpoint ?? new URL("/tokeninfo", metadata.token_endpoint).href,
    },
  };
}

import { createHash } from "node:crypto";
import {
  decodeProtectedHeader,
  errors,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from "jose";
import type { SigningKeys } from "./signing-keys.server";

/** Who Google says it is. `email` is null unless Google has verified it (SF-24). */
export interface IdTokenClaims {
  issuer: string;
  sub: string;
  name: string | null;
  email: string | null;
  picture: string | null;
  hostedDomain: string | null;
}

export interface IdTokenExpectation {
  /** What `iss` may be. */
  issuers: readonly string[];
  /** What the account’s key calls it. */
  issuer: string;
  clientId: string;
  /** The nonce that this sign-in sent; null for a refresh, whose ID token has none to compare. */
  nonce: string | null;
  /** The access token that came along, for `at_hash`. */
  accessToken: string;
  /** ms since the epoch. */
  now: number;
}

export type IdTokenFlaw =
  | "malformed"
  | "algorithm"
  | "header"
  | "type"
  | "signature"
  | "issuer"
  | "audience"
  | "authorized_party"
  | "times"
  | "subject"
  | "nonce"
  | "access_token_hash";

export type IdTokenResult =
  | { ok: true; claims: IdTokenClaims }
  | { ok: false; flaw: IdTokenFlaw }
  | { ok: false; flaw: "keys_unavailable" };

/** What Google’s own library tolerates. */
const SKEW_SECONDS = 300;
const LONGEST_LIFE_SECONDS = 86_400;
/** Headers that would let the token bring its own key. */
const FORBIDDEN_HEADERS = ["jku", "jwk", "x5u", "x5c", "crit"];

/**
 * Verifies an ID token: type (RFC 8725 3.11), signature (RS256 only, by the provider’s published keys) and every claim of
 * OpenID Connect Core 3.1.3.7.
 */
export async function verifyIdToken(
  token: string,
  keys: SigningKeys,
  expected: IdTokenExpectation,
): Promise<IdTokenResult> {
  const header = readHeader(token);
  if (header === null) return flawed("malformed");
  if (!isIdTokenType(header.typ)) return flawed("type");
  if (header.alg !== "RS256") return flawed("algorithm");
  if (FORBIDDEN_HEADERS.some((name) => name in header)) return flawed("header");

  const tried: JWK[] = [];
  for (;;) {
    const candidates = await keys.candidates(header.kid, tried);
    if (!candidates.ok) return { ok: false, flaw: "keys_unavailable" };
    if (candidates.keys.length === 0) return flawed("signature");
    for (const key of candidates.keys) {
      const result = await verifyWith(key, token, expected);
      if (result.ok || result.flaw !== "signature") return result;
      tried.push(key);
    }
    // Without a name, the right key may be one that was published since.
    if (header.kid !== undefined) return flawed("signature");
  }
}

async function verifyWith(
  jwk: JWK,
  token: string,
  expected: IdTokenExpectation,
): Promise<IdTokenResult> {
  try {
    const { payload } = await jwtVerify(token, await importJWK(jwk, "RS256"), {
      algorithms: ["RS256"],
      issuer: [...expected.issuers],
      audience: expected.clientId,
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(expected.now),
      requiredClaims: ["exp", "iat", "sub"],
    });
    return judgeClaims(payload, expected);
  } catch (error) {
    return flawed(flawOf(error));
  }
}

function judgeClaims(payload: JWTPayload, expected: IdTokenExpectation): IdTokenResult {
  const { sub, iat = Number.NaN, exp = Number.NaN, azp, nonce, at_hash: atHash } = payload;
  if (!(exp - iat <= LONGEST_LIFE_SECONDS)) return flawed("times");
  if (iat > expected.now / 1000 + SKEW_SECONDS) return flawed("times");
  if (typeof sub !== "string" || !/^[\x21-\x7e]{1,255}$/.test(sub)) return flawed("subject");
  const parties = Array.isArray(payload.aud) ? payload.aud.length : 1;
  if (azp === undefined ? parties > 1 : azp !== expected.clientId)
    return flawed("authorized_party");
  if (expected.nonce !== null && nonce !== expected.nonce) return flawed("nonce");
  if (atHash !== undefined && atHash !== halfHash(expected.accessToken)) {
    return flawed("access_token_hash");
  }
  return {
    ok: true,
    claims: {
      // Google writes its issuer in two ways; the account’s key needs one.
      issuer: expected.issuer,
      sub,
      name: text(payload.name),
      // Strictly true: the text "true" has been a way around this check elsewhere.
      email: payload.email_verified === true ? text(payload.email) : null,
      picture: text(payload.picture),
      hostedDomain: text(payload.hd),
    },
  };
}

/** The left half of the SHA-256, OpenID Connect Core 3.1.3.6. */
function halfHash(accessToken: string): string {
  return createHash("sha256").update(accessToken).digest().subarray(0, 16).toString("base64url");
}

function flawOf(error: unknown): IdTokenFlaw {
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  // jose can’t use this key, which may be too short: another one may have signed.
  if (!(error instanceof errors.JOSEError)) return "signature";
  if (error instanceof errors.JWTExpired) return "times";
  if (error instanceof errors.JWTClaimValidationFailed) {
    const byClaim: Readonly<Record<string, IdTokenFlaw>> = {
      iss: "issuer",
      aud: "audience",
      sub: "subject",
    };
    return byClaim[error.claim] ?? "times";
  }
  return "malformed";
}

/** Absent, or `JWT` in any case (RFC 7519 5.1): any other is a token for something else. */
function isIdTokenType(typ: unknown): boolean {
  return typ === undefined || (typeof typ === "string" && typ.toLowerCase() === "jwt");
}

function readHeader(token: string): { alg?: string; kid?: string; typ?: unknown } | null {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}

function flawed(flaw: IdTokenFlaw): IdTokenResult {
  return { ok: false, flaw };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

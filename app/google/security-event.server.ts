import { compactVerify, decodeProtectedHeader, errors, importJWK, type JWK } from "jose";
import { jsonObject } from "./http.server";
import { type SecurityEventSource, withoutSlash } from "./security-event-source.server";
import type { SigningKeys } from "./signing-keys.server";

/** A security event token that the issuer signed for this client (RFC 8417). */
export interface SecurityEvent {
  jti: string;
  /** ms since the epoch, to the second. */
  issuedAt: number;
  /** Event type, an address, → what it says. */
  events: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** What the sender is told (RFC 8935 2.4). */
export type SecurityEventError =
  | "invalid_request"
  | "invalid_key"
  | "invalid_issuer"
  | "invalid_audience"
  | "authentication_failed";

export type SecurityEventResult =
  | { ok: true; event: SecurityEvent }
  | { ok: false; error: SecurityEventError; description: string }
  | { ok: false; error: "unavailable" };

export interface SecurityEventExpectation {
  source: SecurityEventSource;
  keysAt: (jwksUrl: string) => SigningKeys;
  issuer: string;
  clientId: string;
  /** ms since the epoch. */
  now: number;
}

const SKEW_SECONDS = 300;
/** Headers that would let the token bring its own key. */
const FORBIDDEN_HEADERS = ["jku", "jwk", "x5u", "x5c", "crit"];
/** Explicit typing (RFC 8417 2.3), or none at all: `JWT` says nothing. */
const TYPES = ["secevent+jwt", "application/secevent+jwt", "jwt"];

/**
 * Verifies a security event token: signature (RS256 only, by the published key that it names) and
 * claims. `exp` is ignored: the event has happened all the same.
 *
 * An ID token has no `events`, so it is none; the other way round `verifyIdToken` misses `exp` and
 * the nonce (SO-19).
 */
export async function verifySecurityEvent(
  token: string,
  expected: SecurityEventExpectation,
): Promise<SecurityEventResult> {
  const header = readHeader(token);
  if (header === null) return refused("invalid_request", "The body is not a signed JWT.");
  const { alg, kid, typ } = header;
  if (typ !== undefined && (typeof typ !== "string" || !TYPES.includes(typ.toLowerCase()))) {
    return refused("invalid_request", "The typ is not secevent+jwt.");
  }
  if (alg !== "RS256") return refused("invalid_key", "The alg is not RS256.");
  if (FORBIDDEN_HEADERS.some((name) => name in header)) {
    return refused("invalid_key", "The header has a member that is not accepted.");
  }
  if (typeof kid !== "string") return refused("invalid_key", "The kid is missing.");

  const source = await expected.source();
  if (!source.ok) return source;
  const candidates = await expected.keysAt(source.jwks).candidates(kid);
  if (!candidates.ok) return candidates;
  const [key] = candidates.keys;
  if (key === undefined) return refused("invalid_key", "The kid is not known.");

  const signed = await verifySignature(token, key);
  if (signed === "wrong_signature") {
    return refused("authentication_failed", "The signature is wrong.");
  }
  const claims = signed === null ? null : jsonObject(signed);
  if (claims === null) return refused("invalid_request", "The body is not a signed JWT.");
  return judgeClaims(claims, expected);
}

/** The signed text; null when the token is malformed. */
async function verifySignature(
  token: string,
  key: JWK,
): Promise<string | "wrong_signature" | null> {
  try {
    const algorithms = ["RS256"];
    const verified = await compactVerify(token, await importJWK(key, "RS256"), { algorithms });
    return Buffer.from(verified.payload).toString("utf8");
  } catch (error) {
    return error instanceof errors.JWSSignatureVerificationFailed ? "wrong_signature" : null;
  }
}

function judgeClaims(
  claims: Readonly<Record<string, unknown>>,
  expected: SecurityEventExpectation,
): SecurityEventResult {
  const { iss, aud, iat, jti } = claims;
  if (typeof iss !== "string" || withoutSlash(iss) !== withoutSlash(expected.issuer)) {
    return refused("invalid_issuer", "The iss is not the configured issuer.");
  }
  if (![aud].flat().includes(expected.clientId)) {
    return refused("invalid_audience", "The aud is not this client.");
  }
  if (typeof jti !== "string" || jti === "") {
    return refused("invalid_request", "The jti is missing.");
  }
  if (typeof iat !== "number" || !(iat > 0)) {
    return refused("invalid_request", "The iat is missing.");
  }
  if (iat > expected.now / 1000 + SKEW_SECONDS) {
    return refused("invalid_request", "The iat is in the future.");
  }
  const events = readEvents(claims.events);
  if (events === null) return refused("invalid_request", "The events are missing.");
  return { ok: true, event: { jti, issuedAt: Math.floor(iat) * 1000, events } };
}

/** RFC 8417 2.2: at least one, each an object. */
function readEvents(value: unknown): SecurityEvent["events"] | null {
  if (!isObject(value)) return null;
  const events = new Map<string, Record<string, unknown>>();
  for (const [type, payload] of Object.entries(value)) {
    if (!isObject(payload)) return null;
    events.set(type, payload);
  }
  return events.size === 0 ? null : events;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readHeader(token: string): Record<string, unknown> | null {
  try {
    return { ...decodeProtectedHeader(token) };
  } catch {
    return null;
  }
}

function refused(error: SecurityEventError, description: string): SecurityEventResult {
  return { ok: false, error, description };
}

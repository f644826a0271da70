import { createHash, randomUUID } from "node:crypto";
import { importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import type { GoogleState } from "./google-state";

const RISC = "https://schemas.openid.net/secevent/risc/event-type";
const OAUTH = "https://schemas.openid.net/secevent/oauth/event-type";

const TYPES = {
  "sessions-revoked": `${RISC}/sessions-revoked`,
  "tokens-revoked": `${OAUTH}/tokens-revoked`,
  "token-revoked": `${OAUTH}/token-revoked`,
  "account-disabled": `${RISC}/account-disabled`,
  "account-enabled": `${RISC}/account-enabled`,
  "account-credential-change-required": `${RISC}/account-credential-change-required`,
  verification: `${RISC}/verification`,
} as const;

export type SecurityEventFlaw =
  | "wrong-signature"
  | "alg-none"
  | "unknown-kid"
  | "wrong-typ"
  | "wrong-iss"
  | "wrong-aud"
  | "no-jti"
  | "no-events"
  | "no-iat"
  | "future-iat";

export type SecurityEventOrder = {
  type: keyof typeof TYPES;
  /** Whom it is about, by email or sub. */
  subject?: string;
  /** For `token-revoked`: the token, named by its double hash, or by its first 16 characters. */
  refreshToken?: string;
  byPrefix?: boolean;
  /** For `account-disabled`. */
  reason?: string;
  /** For `verification`. */
  state?: string;
  /** A new one by default; the same again for a duplicate. */
  jti?: string;
  /** When it happened, in ms; now by default. */
  at?: number;
  flaw?: SecurityEventFlaw;
};

/** A security event token as Google signs and sends it. */
export async function securityEventToken(
  google: GoogleState,
  order: SecurityEventOrder,
): Promise<string> {
  const key = google.keys.signing;
  const iat = Math.floor((order.at ?? google.clock.now()) / 1000);
  const claims: JWTPayload = {
    iss: `${google.issuer}/`,
    aud: google.clientId,
    iat,
    jti: order.jti ?? randomUUID(),
    events: { [TYPES[order.type]]: payloadOf(google, order) },
  };
  const header: JWTHeaderParameters = { alg: "RS256", kid: key.kid };
  const sign = async (
    changes: Record<string, unknown> = {},
    more: Partial<JWTHeaderParameters> = {},
  ) =>
    // JSON leaves out what is undefined, so that a change to undefined takes a claim away.
    new SignJWT(JSON.parse(JSON.stringify({ ...claims, ...changes })) as JWTPayload)
      .setProtectedHeader({ ...header, ...more })
      .sign(await importJWK({ ...key, kty: "RSA" }, "RS256"));

  const { flaw } = order;
  if (flaw === undefined) return sign();
  switch (flaw) {
    case "wrong-signature": {
      const [head, , signature] = (await sign()).split(".");
      const [, body] = (await sign({ jti: randomUUID() })).split(".");
      return [head, body, signature].join(".");
    }
    case "alg-none":
      return new UnsecuredJWT(claims).encode();
    case "unknown-kid":
      return sign({}, { kid: "0000000000000000000000000000000000000000" });
    case "wrong-typ":
      return sign({}, { typ: "at+jwt" });
    case "wrong-iss":
      return sign({ iss: "https://accounts.google.example/" });
    case "wrong-aud":
      return sign({ aud: "999999999999-other.apps.googleusercontent.com" });
    case "no-jti":
      return sign({ jti: undefined });
    case "no-events":
      return sign({ events: undefined });
    case "no-iat":
      return sign({ iat: undefined });
    case "future-iat":
      return sign({ iat: iat + 86_400 });
  }
}

function payloadOf(google: GoogleState, order: SecurityEventOrder): Record<string, unknown> {
  const { type, reason, state } = order;
  if (type === "verification") return { state };
  if (type === "token-revoked") return { subject: tokenSubject(order) };
  const { subject = "" } = order;
  const sub = google.accounts.find(subject)?.sub ?? subject;
  return { subject: { subject_type: "iss-sub", iss: `${google.issuer}/`, sub }, reason };
}

function tokenSubject({ refreshToken = "", byPrefix = false }: SecurityEventOrder) {
  const sha512 = (bytes: string | Buffer) => createHash("sha512").update(bytes).digest();
  return {
    subject_type: "oauth_token",
    token_type: "refresh_token",
    token_identifier_alg: byPrefix ? "prefix" : "hash_base64_sha512_sha512",
    token: byPrefix ? refreshToken.slice(0, 16) : sha512(sha512(refreshToken)).toString("base64"),
  };
}

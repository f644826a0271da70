import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import type { IdTokenFlaw } from "./faults";
import type { GoogleState } from "./google-state";
import type { SigningKey } from "./signing-keys";

type Parts = { claims: JWTPayload; header: JWTHeaderParameters; key: SigningKey };

/** The real ID token, made wrong in one way. Undefined stands for none at all. */
export async function flawedIdToken(
  state: GoogleState,
  idToken: string,
  flaw: IdTokenFlaw,
): Promise<string | undefined> {
  const parts: Parts = {
    claims: decodeJwt(idToken),
    header: decodeProtectedHeader(idToken) as JWTHeaderParameters,
    key: state.keys.signing,
  };
  const { claims, header } = parts;
  const { iat = 0, exp = 0 } = claims;

  switch (flaw) {
    case "missing":
      return undefined;
    case "wrong-signature":
      return sign(parts, {}, {}, strangersKey("rsa"));
    case "alg-none":
      return new UnsecuredJWT(claims).encode();
    case "hs256":
      // The classic confusion: the public key, which anybody knows, used as the shared secret.
      return sign(parts, {}, { alg: "HS256" }, new TextEncoder().encode(publicPem(parts.key)));
    case "es256":
      return sign(parts, {}, { alg: "ES256" }, strangersKey("ec"));
    case "jwk-header": {
      const key = strangersKey("rsa");
      const jwk = createPublicKey(key).export({ format: "jwk" });
      return sign(parts, {}, { jwk } as Partial<JWTHeaderParameters>, key);
    }
    case "no-kid": {
      const { kid: _kid, ...rest } = header;
      return sign({ ...parts, header: rest as JWTHeaderParameters });
    }
    case "unknown-kid":
      return sign(parts, {}, { kid: "0000000000000000000000000000000000000000" });
    case "wrong-iss":
      return sign(parts, { iss: "https://accounts.google.example" });
    case "short-iss":
      return sign(parts, { iss: state.issuer.replace(/^https?:\/\//, "") });
    case "wrong-aud":
      return sign(parts, { aud: "999999999999-other.apps.googleusercontent.com" });
    case "missing-aud":
      return sign(parts, { aud: undefined });
    case "wrong-azp":
      return sign(parts, { azp: "999999999999-other.apps.googleusercontent.com" });
    case "expired":
      return sign(parts, { iat: iat - 86_400, exp: exp - 86_400 });
    case "missing-exp":
      return sign(parts, { exp: undefined });
    case "missing-iat":
      return sign(parts, { iat: undefined });
    case "future-iat":
      return sign(parts, { iat: iat + 86_400, exp: exp + 86_400 });
    case "too-long-lived":
      return sign(parts, { exp: iat + 2 * 86_400 });
    case "missing-sub":
      return sign(parts, { sub: undefined });
    case "other-sub":
      return sign(parts, { sub: "199999999999999999999" });
    case "wrong-nonce":
      return sign(parts, { nonce: "not-the-nonce-that-was-sent" });
    case "missing-nonce":
      return sign(parts, { nonce: undefined });
    case "wrong-at-hash":
      return sign(parts, { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" });
    case "email-verified-string":
      return sign(parts, { email_verified: "true" });
    case "email-unverified":
      return sign(parts, { email_verified: false });
  }
}

async function sign(
  { claims, header, key }: Parts,
  changes: Record<string, unknown> = {},
  headerChanges: Partial<JWTHeaderParameters> = {},
  signer?: KeyObject | Uint8Array,
): Promise<string> {
  // JSON leaves out what is undefined, so that a change to undefined takes a claim away.
  const changed = JSON.parse(JSON.stringify({ ...claims, ...changes })) as JWTPayload;
  const real = await importJWK({ ...key, kty: "RSA" }, "RS256");
  return new SignJWT(changed)
    .setProtectedHeader({ ...header, ...headerChanges })
    .sign(signer ?? real);
}

const strangers = new Map<string, KeyObject>();

function strangersKey(type: "rsa" | "ec"): KeyObject {
  const known = strangers.get(type);
  if (known) return known;
  const made =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
      : generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  strangers.set(type, made);
  return made;
}

function publicPem(key: SigningKey): string {
  const publicKey = createPublicKey({ key, format: "jwk" });
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

import { hkdfSync } from "node:crypto";

/** What a key is for. A value sealed for one purpose can’t be opened for another. */
export type Purpose =
  | "session"
  | "sign-in"
  | "login-hint"
  | "store"
  | "rate-limit"
  | "log"
  | "made-for";

export interface PurposeKey {
  /** Names the key without telling anything about it; the JWE header’s `kid`. */
  id: string;
  /** 256 bits, for AES-256-GCM or HMAC. */
  bytes: Buffer;
  /** Of its secret among all, from 1 on. */
  position: number;
}

export interface PurposeKeys {
  current: PurposeKey;
  /** Every key that still opens, the current one included, by id. */
  byId: ReadonlyMap<string, PurposeKey>;
}

/**
 * Derives one key per secret for a purpose, HKDF-SHA-256 (RFC 5869). The first secret’s seals;
 * all open, so that a secret can be replaced without signing anybody out.
 */
export function deriveKeys(secrets: readonly [string, ...string[]], purpose: Purpose): PurposeKeys {
  const [first, ...others] = secrets;
  const current = deriveKey(first, purpose, 1);
  const older = others.map((secret, index) => deriveKey(secret, purpose, index + 2));
  return { current, byId: new Map([current, ...older].map((key) => [key.id, key])) };
}

function deriveKey(secret: string, purpose: Purpose, position: number): PurposeKey {
  return {
    id: expand(secret, `kid:${purpose}`, 6).toString("base64url"),
    bytes: expand(secret, `key:${purpose}`, 32),
    position,
  };
}

function expand(secret: string, info: string, length: number): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "latchkey/v1", info, length));
}

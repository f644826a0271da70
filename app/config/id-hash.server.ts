import { createHash, timingSafeEqual } from "node:crypto";

/**
 * The name by which the store and other processes know a session: base64url SHA-256 of its id, which
 * has 128 random bits, so that nothing can be found by trying.
 */
export function hashSessionId(id: string): string {
  return sha256(id);
}

/**
 * The name of a person where none may stand that tells who it is: a mark outlives the account. Whoever
 * knows an account’s `sub` can tell its hash, nobody else.
 */
export function hashPerson({ issuer, sub }: { issuer: string; sub: string }): string {
  return sha256(`${issuer} ${sub}`);
}

/** Where a person’s hash may stand: all of them. */
export const EVERYBODY = "";

/** A security event’s `jti` may be of any length; its hash has always 43 characters. */
export function hashJti(jti: string): string {
  return sha256(jti);
}

/** The name by which processes know a sign-in under way, whose state has 256 random bits. */
export function hashState(state: string): string {
  return sha256(`sign-in ${state}`);
}

/** The name of an access token in memory; a dump of it then holds none that works. */
export function hashAccessToken(accessToken: string): string {
  return sha256(accessToken);
}

/** Whether two secrets are the same, in a time that tells nothing about either: hashes are equally long. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

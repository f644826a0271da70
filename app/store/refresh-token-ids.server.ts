import { createHash } from "node:crypto";

/**
 * What is kept of a refresh token to recognise it in Google’s `token-revoked` event (SO-22), and no
 * token can be made from. The prefix is hashed once more: a token of 16 characters or less would
 * otherwise stand in the database as it is.
 */
export interface RefreshTokenIds {
  /** base64(SHA-512(SHA-512(token))), as Google sends it. */
  hash: string;
  /** base64url(SHA-256(first 16 characters)). */
  prefixHash: string;
}

/** One of the two, as an event names a token. */
export type RefreshTokenId = Pick<RefreshTokenIds, "hash"> | Pick<RefreshTokenIds, "prefixHash">;

const PREFIX_LENGTH = 16;

export function refreshTokenIds(refreshToken: string): RefreshTokenIds {
  const once = createHash("sha512").update(refreshToken).digest();
  return {
    hash: createHash("sha512").update(once).digest("base64"),
    prefixHash: hashPrefix(refreshToken.slice(0, PREFIX_LENGTH)),
  };
}

/**
 * The id in a `token-revoked` event’s subject.
 *
 * @param algorithm the subject’s `token_identifier_alg`.
 * @param token the subject’s `token`.
 * @returns null for an algorithm that Google doesn’t document.
 */
export function refreshTokenIdFromEvent(algorithm: string, token: string): RefreshTokenId | null {
  if (algorithm === "prefix") return { prefixHash: hashPrefix(token) };
  if (algorithm === "hash_base64_sha512_sha512") return { hash: token };
  return null;
}

function hashPrefix(prefix: string): string {
  return createHash("sha256").update(prefix).digest("base64url");
}

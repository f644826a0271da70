import { createHmac } from "node:crypto";
import { deriveKeys } from "./key-ring.server";

/**
 * How the log names people and sessions: HMAC-SHA-256 with a key of its own, 128 bits of it. The same
 * one has always the same name, so that a story can be followed, but only who has the secret can tell
 * whose it is. It is not the store’s hash, so that a log and a dump of the database can’t be joined.
 */
export interface Pseudonyms {
  ofUser(user: { issuer: string; sub: string }): string;
  ofSession(id: string): string;
}

/** The first secret’s key names; after a change of secrets everybody has a new name. */
export function createPseudonyms(secrets: readonly [string, ...string[]]): Pseudonyms {
  const key = deriveKeys(secrets, "log").current.bytes;
  const name = (text: string) =>
    createHmac("sha256", key).update(text).digest().subarray(0, 16).toString("base64url");
  return {
    ofUser: ({ issuer, sub }) => name(`user ${issuer} ${sub}`),
    ofSession: (id) => name(`session ${id}`),
  };
}

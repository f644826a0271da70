import { createHmac } from "node:crypto";
import { deriveKeys } from "./key-ring.server";
import type { SessionUser } from "./session.server";

/**
 * How a page’s forms say for whom they were made: HMAC-SHA-256 of the account’s key, 128 bits of it, by
 * a key of its own. It is the same on all of a person’s devices and in all their sessions, and tells
 * nobody who it is. It is no secret and no proof: the session’s cookie says who somebody is.
 */
export interface MadeFor {
  of(user: Person): string;
  /** Whether `value` was made for this person, by any of the secrets that still count. */
  isFor(value: string, user: Person): boolean;
}

type Person = Pick<SessionUser, "issuer" | "id">;

export function createMadeFor(secrets: readonly [string, ...string[]]): MadeFor {
  const { current, byId } = deriveKeys(secrets, "made-for");
  const name = (key: Buffer, { issuer, id }: Person) =>
    createHmac("sha256", key)
      .update(`${issuer} ${id}`)
      .digest()
      .subarray(0, 16)
      .toString("base64url");
  return {
    of: (user) => name(current.bytes, user),
    isFor: (value, user) => [...byId.values()].some(({ bytes }) => name(bytes, user) === value),
  };
}

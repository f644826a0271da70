import { BoundedMap } from "../../config/bounded-map";
import type { Clock } from "../../config/clock.server";
import { hashAccessToken } from "../../config/id-hash.server";
import type { Google } from "../../google/google.server";
import type { TokenInfo } from "../../google/token-info.server";
import type { Store } from "../../store/store.server";
import type { RateLimiter, Refusal } from "./rate-limiter.server";

/** A person whom another client brings a Google access token of. */
export type BearerUser =
  | { kind: "known"; user: { id: string; name: string; email: string } }
  /** Nobody says who it is. */
  | { kind: "no_token" }
  /** The token is none of ours, has ended, or belongs to nobody who may come in. */
  | {
      kind: "invalid_token";
      cause: "malformed" | "not_ours" | "unknown_user" | "disabled" | "hosted_domain";
    }
  /** Too many tokens from there were none, and this one isn’t known. */
  | Refusal
  /** Google or the database can’t be asked now. */
  | { kind: "unavailable" };

/** Who a request’s bearer token belongs to. It neither reads nor makes a session (DA-13). */
export type ReadBearerUser = (
  authorization: string | null,
  clientAddress: string,
) => Promise<BearerUser>;

/** A revoked token is refused after this long at the latest. */
const TRUST_MS = 300_000;
const CAPACITY = 10_000;
/** RFC 6750 2.1, and longer than any of Google’s. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]{1,4096}=*)$/i;

/**
 * What Google says of a token is kept by the token’s hash, for some minutes and at most its life.
 * Whether the person may come in is asked of the store each time, so that a change acts at once.
 * From an address that brought too many bad ones only tokens that are known are taken.
 */
export function createBearerUsers(parts: {
  google: Google;
  store: Store;
  clock: Clock;
  rateLimiter: RateLimiter;
  /** By the rules of today, which may be others than at their last sign-in. */
  mayStay: (hostedDomain: string | null) => boolean;
}): ReadBearerUser {
  const { google, store, clock, rateLimiter, mayStay } = parts;
  const kept = new BoundedMap<string, { info: TokenInfo; until: number }>(CAPACITY);
  const flights = new Map<string, Promise<TokenInfo>>();

  async function ask(hash: string, accessToken: string): Promise<TokenInfo> {
    const info = await google.fetchTokenInfo(accessToken);
    const now = clock.now();
    if (info.kind !== "unavailable") {
      const until =
        info.kind === "valid" ? Math.min(info.expiresAt, now + TRUST_MS) : now + TRUST_MS;
      kept.set(hash, { info, until });
    }
    return info;
  }

  async function infoOf(
    accessToken: string,
    clientAddress: string,
  ): Promise<{ kind: "allowed"; result: TokenInfo } | Refusal> {
    const hash = hashAccessToken(accessToken);
    const known = kept.get(hash);
    const left = (known?.until ?? 0) - clock.now();
    // More than any is kept: the clock was set back (PF-17).
    if (known && left > 0 && left <= TRUST_MS) {
      return { kind: "allowed", result: known.info };
    }
    return rateLimiter.countFailures(
      "refused_token",
      clientAddress,
      () => {
        const flight =
          flights.get(hash) ?? ask(hash, accessToken).finally(() => flights.delete(hash));
        flights.set(hash, flight);
        return flight;
      },
      (info) => info.kind === "invalid",
    );
  }

  return async (authorization, clientAddress) => {
    if (authorization === null || !/^Bearer\b/i.test(authorization)) return { kind: "no_token" };
    const accessToken = BEARER.exec(authorization)?.[1];
    if (accessToken === undefined) return { kind: "invalid_token", cause: "malformed" };
    const asked = await infoOf(accessToken, clientAddress);
    if (asked.kind === "limited") return asked;
    const info = asked.result;
    if (info.kind === "invalid") return { kind: "invalid_token", cause: "not_ours" };
    if (info.kind === "unavailable") return info;
    const read = await store.readUser({ issuer: google.client.issuer, sub: info.sub });
    if (read.kind === "unavailable") return read;
    if (read.kind === "absent") return { kind: "invalid_token", cause: "unknown_user" };
    const { user } = read;
    if (user.disabledAt !== null || user.googleBlockedAt !== null) {
      return { kind: "invalid_token", cause: "disabled" };
    }
    if (!mayStay(user.hostedDomain)) return { kind: "invalid_token", cause: "hosted_domain" };
    return { kind: "known", user: { id: user.sub, name: user.name, email: user.email } };
  };
}

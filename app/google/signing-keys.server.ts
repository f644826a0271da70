import type { JWK } from "jose";
import type { Clock } from "../config/clock.server";
import { exchange, type Http, jsonObject } from "./http.server";

export type SigningKeysResult = { ok: true; keys: JWK[] } | { ok: false; error: "unavailable" };

/** The provider’s public signing keys (RFC 7517). */
export interface SigningKeys {
  /**
   * Candidates for a token whose header names `kid`; all of them when it names none. `unavailable`
   * when there is none and the provider can’t be asked whether there is one by now.
   *
   * @param tried in vain: the right one may be newer than what is known.
   */
  candidates(kid: string | undefined, tried?: readonly JWK[]): Promise<SigningKeysResult>;
}

/** Where `Cache-Control` says nothing usable. */
const DEFAULT_FRESH_MS = 3_600_000;
const LONGEST_FRESH_MS = 86_400_000;
/** What a key is wanted for. Anybody can post security events; ID tokens come from Google alone. */
export type TokenKind = "id_token" | "security_event";

/** An unknown `kid` may be a rotation, or an attacker who wants us to hammer Google: one look a minute. */
const MINUTE_MS = 60_000;
/** So many while no key is known: nobody can sign in without one. */
const LOOKS_WITHOUT_KEYS: Readonly<Record<TokenKind, number>> = { id_token: 10, security_event: 1 };

/**
 * Keeps the keys as long as `Cache-Control` allows, looks again when a key is unknown, and goes on
 * with the ones it has while the endpoint is down (SF-21). Each kind of token has looks of its own, so
 * that bogus ones of one kind use up none of the other’s; a look that fails counts too.
 */
export function createSigningKeys(http: Http): (jwksUrl: string, kind: TokenKind) => SigningKeys {
  const byUrl = new Map<string, Readonly<Record<TokenKind, SigningKeys>>>();
  return (jwksUrl, kind) => {
    const keys = byUrl.get(jwksUrl) ?? keysAt(http, jwksUrl);
    byUrl.set(jwksUrl, keys);
    return keys[kind];
  };
}

function keysAt(http: Http, url: string): Readonly<Record<TokenKind, SigningKeys>> {
  let keys: JWK[] = [];
  let freshUntil = 0;
  let lastFetchFailed = false;

  async function load(): Promise<void> {
    const startedAt = http.clock.now();
    const answer = await exchange(http, { url });
    const loaded = answer.kind === "answer" && answer.status === 200 ? readKeys(answer.body) : [];
    lastFetchFailed = loaded.length === 0;
    if (answer.kind !== "answer" || lastFetchFailed) return;
    keys = loaded;
    freshUntil = startedAt + maxAge(answer.headers);
  }

  function keysFor(kind: TokenKind): SigningKeys {
    const mayLook = minuteBudget(http.clock);
    let flight: Promise<void> | null = null;

    async function look(): Promise<void> {
      if (flight === null && !mayLook(keys.length > 0 ? 1 : LOOKS_WITHOUT_KEYS[kind])) return;
      flight ??= load().finally(() => {
        flight = null;
      });
      await flight;
    }

    return {
      async candidates(kid, tried = []) {
        const untried = () =>
          keys.filter((key) => (kid === undefined || key.kid === kid) && !tried.includes(key));
        if (http.clock.now() >= freshUntil || untried().length === 0) await look();
        const found = untried();
        // A key that nobody knows says nothing against the token while nobody can look it up.
        if (found.length === 0 && lastFetchFailed) return { ok: false, error: "unavailable" };
        return { ok: true, keys: found };
      },
    };
  }

  return { id_token: keysFor("id_token"), security_event: keysFor("security_event") };
}

/** Counts what is done within a minute of the first time, and says whether it may be done once more. */
function minuteBudget(clock: Clock): (most: number) => boolean {
  let begunAt = Number.NEGATIVE_INFINITY;
  let done = 0;
  return (most) => {
    const since = clock.now() - begunAt;
    // Less than 0: the clock was set back, by who knows how much (PF-17).
    if (since < 0 || since >= MINUTE_MS) [begunAt, done] = [clock.now(), 0];
    if (done >= most) return false;
    done++;
    return true;
  };
}

/** RSA keys for signatures: the only kind that Google signs with. */
function readKeys(body: string): JWK[] {
  const keys = jsonObject(body)?.keys;
  return Array.isArray(keys) ? keys.filter(isSigningKey) : [];
}

function isSigningKey(key: unknown): key is JWK {
  return (
    typeof key === "object" &&
    key !== null &&
    "kty" in key &&
    key.kty === "RSA" &&
    (!("use" in key) || key.use === "sig") &&
    (!("alg" in key) || key.alg === "RS256")
  );
}

function maxAge(headers: Headers): number {
  const match = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(headers.get("Cache-Control") ?? "");
  return match?.[1] ? Math.min(Number(match[1]) * 1000, LONGEST_FRESH_MS) : DEFAULT_FRESH_MS;
}

import type { JWK } from "jose";
import { exchange, type Http, jsonObject } from "./http.server";

export type SigningKeysResult = { ok: true; keys: JWK[] } | { ok: false; error: "unavailable" };

/** The provider's public signing keys (RFC 7517). */
export interface SigningKeys {
  /**
   * Candidates for a token whose header names `kid`; all of them when it names none. `unavailable`
   * when there is none and the provider can't be asked whether there is one by now.
   *
   * @param tried in vain: the right one may be newer than what is known.
   */
  candidates(kid: string | undefined, tried?: readonly JWK[]): Promise<SigningKeysResult>;
}

/** Where `Cache-Control` says nothing usable. */
const DEFAULT_FRESH_MS = 3_600_000;
const LONGEST_FRESH_MS = 86_400_000;
/** An unknown `kid` may be a rotation, or an attacker who wants us to hammer Google: one look a minute. */
const REFETCH_PAUSE_MS = 60_000;

/**
 * Keeps the keys as long as `Cache-Control` allows, looks again when a key is unknown, and goes on
 * with the ones it has while the endpoint is down (SF-21).
 */
export function createSigningKeys(http: Http): (jwksUrl: string) => SigningKeys {
  const byUrl = new Map<string, SigningKeys>();
  return (jwksUrl) => {
    const keys = byUrl.get(jwksUrl) ?? keysAt(http, jwksUrl);
    byUrl.set(jwksUrl, keys);
    return keys;
  };
}

function keysAt(http: Http, url: string): SigningKeys {
  let keys: JWK[] = [];
  let freshUntil = 0;
  let lastFetchAt = Number.NEGATIVE_INFINITY;
  let lastFetchFailed = false;
  let flight: Promise<void> | null = null;

  async function load(): Promise<void> {
    lastFetchAt = http.clock.now();
    const answer = await exchange(http, { url });
    const loaded = answer.kind === "answer" && answer.status === 200 ? readKeys(answer.body) : [];
    lastFetchFailed = loaded.length === 0;
    if (answer.kind !== "answer" || lastFetchFailed) return;
    keys = loaded;
    freshUntil = lastFetchAt + maxAge(answer.headers);
  }

  function reload(): Promise<void> {
    flight ??= load().finally(() => {
      flight = null;
    });
    return flight;
  }

  return {
    async candidates(kid, tried = []) {
      const untried = () =>
        keys.filter((key) => (kid === undefined || key.kid === kid) && !tried.includes(key));
      const mayAsk = () => {
        const since = http.clock.now() - lastFetchAt;
        // Less than 0: the clock was set back, by who knows how much (PF-17).
        return keys.length === 0 || since < 0 || since >= REFETCH_PAUSE_MS;
      };
      const stale = http.clock.now() >= freshUntil;
      if ((stale || untried().length === 0) && mayAsk()) await reload();
      const found = untried();
      // A key that nobody knows says nothing against the token while nobody can look it up.
      if (found.length === 0 && lastFetchFailed) return { ok: false, error: "unavailable" };
      return { ok: true, keys: found };
    },
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

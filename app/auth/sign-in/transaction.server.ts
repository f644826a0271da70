import { z } from "zod";
import { BoundedMap } from "../../config/bounded-map";
import type { Clock } from "../../config/clock.server";
import { sameSecret } from "../../config/id-hash.server";
import { type Random, randomId } from "../../config/random.server";
import { type Feature, isFeature } from "../../google/scopes";
import { type CookiePolicy, deleteCookie, setCookie } from "../../session/cookie-header.server";
import type { Sealer } from "../../session/seal.server";
import type { Cookies } from "../../session/session-cookie.server";

/** One attempt to sign in, from the button to the callback. */
export interface Transaction {
  id: string;
  /** Who was asked, and nobody else may answer (RFC 9700 4.4). */
  issuer: string;
  /** Ties the callback to this browser; 256 random bits behind the id (ASVS 11.5.1 wants 128). */
  state: string;
  /** Ties the ID token to this attempt. */
  nonce: string;
  /** PKCE (RFC 7636 4.1): 43 characters. */
  codeVerifier: string;
  returnTo: string;
  /** Whether this is the one extra round that asks for consent, because no refresh token came. */
  consentRound: boolean;
  /** What more than signing in was asked for. */
  feature: Feature | null;
  /** Who was signed in when more was asked for: nobody else may answer (DA-04). */
  account: Account | null;
  startedAt: number;
}

export interface Account {
  issuer: string;
  sub: string;
}

type Begin = Pick<Transaction, "returnTo" | "consentRound"> &
  Partial<Pick<Transaction, "feature" | "account">>;

export type TransactionFound =
  | { ok: true; transaction: Transaction; setCookies: string[] }
  | {
      ok: false;
      error: "expired" | "invalid_response";
      /** For the log. */
      cause: "state_unknown" | "transaction_replayed" | Gone;
      /** What the browser’s cookie says of it, if it has the right one. */
      transaction: Transaction | null;
      setCookies: string[];
    };

/** Why there is none: no cookie came, it is too old, or its cookie can’t be opened. */
type Gone = "transaction_missing" | "transaction_expired" | "transaction_unreadable";

/** Sign-ins under way. Each has a sealed cookie of its own, so that two tabs don’t disturb each other. */
export interface Transactions {
  /** @returns the transaction, and `Set-Cookie` values that keep it and drop the oldest of too many. */
  begin(start: Begin, cookies: Cookies): { transaction: Transaction; setCookies: string[] };
  /** Finds a callback’s transaction, once: whatever is found is deleted and never found again. */
  take(state: string | null, cookies: Cookies): TransactionFound;
  /** `Set-Cookie` values that drop every sign-in under way. */
  clear(cookies: Cookies): string[];
}

/** The life of a transaction; an authorization code lives no longer (ASVS 10.4.3). */
export const TRANSACTION_MS = 600_000;
/** Another server’s clock may be ahead of this one’s, or this one’s was set back (PF-17). */
const CLOCK_TOLERANCE_MS = 300_000;
/** The session may take 6000 of the 8 KB for cookies; this is for sign-ins under way. */
const PENDING_BUDGET_BYTES = 2000;

// A sign-in may begin at a newer release and end here: what only that one knows is left out.
const transactionSchema = z.object({
  id: z.string(),
  // Absent, like others below, in those that were begun before a deploy.
  issuer: z.string().optional(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
  consentRound: z.boolean(),
  feature: z.custom<Feature>(isFeature).nullable().default(null),
  account: z.strictObject({ issuer: z.string(), sub: z.string() }).nullable().default(null),
  startedAt: z.int(),
});

const UNKNOWN = {
  ok: false,
  error: "invalid_response",
  cause: "state_unknown",
  transaction: null,
} as const;

export function createTransactions(parts: {
  policy: CookiePolicy;
  sealer: Sealer;
  /** The one that people are sent to. */
  issuer: string;
  clock: Clock;
  random: Random;
}): Transactions {
  const { policy, sealer, issuer, clock, random } = parts;
  const prefix = `${policy.name}-signin-`;
  const taken = new BoundedMap<string, true>(10_000);

  function open(value: string): Transaction | null {
    const unsealed = sealer.unseal(value);
    if (!unsealed.ok) return null;
    const result = transactionSchema.safeParse(JSON.parse(unsealed.text));
    if (!result.success) return null;
    const transaction = { ...result.data, issuer: result.data.issuer ?? issuer };
    return transaction.issuer === issuer ? transaction : null;
  }

  function isCurrent(startedAt: number): boolean {
    const age = clock.now() - startedAt;
    return age >= -CLOCK_TOLERANCE_MS && age < TRANSACTION_MS;
  }

  /** Browsers drop the cookie when it is too old: then the id alone can tell it from a blocked one. */
  function gone(id: string, value: string | undefined, found: Transaction | null): Gone | null {
    if (found !== null) return isCurrent(found.startedAt) ? null : "transaction_expired";
    if (value !== undefined) return "transaction_unreadable";
    return clock.now() - startOf(id) >= TRANSACTION_MS
      ? "transaction_expired"
      : "transaction_missing";
  }

  function pending(cookies: Cookies) {
    return [...cookies]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, [value = ""]]) => ({ name, bytes: name.length + value.length, value }));
  }

  return {
    begin(start, cookies) {
      const now = clock.now();
      const id = newTransactionId(now, random);
      const transaction: Transaction = {
        id,
        issuer,
        state: `${id}.${randomId(random, 32)}`,
        nonce: randomId(random, 16),
        codeVerifier: randomId(random, 32),
        feature: null,
        account: null,
        ...start,
        startedAt: now,
      };
      const name = `${prefix}${id}`;
      const value = sealer.seal(JSON.stringify(transaction));

      const newestFirst = pending(cookies)
        .map((cookie) => ({ ...cookie, startedAt: open(cookie.value)?.startedAt ?? 0 }))
        .sort((a, b) => b.startedAt - a.startedAt);
      let bytes = name.length + value.length;
      const dropped = newestFirst.filter((cookie) => {
        bytes += cookie.bytes;
        return !isCurrent(cookie.startedAt) || bytes > PENDING_BUDGET_BYTES;
      });
      return {
        transaction,
        setCookies: [
          setCookie(policy, name, value, TRANSACTION_MS),
          ...dropped.map((cookie) => deleteCookie(policy, cookie.name)),
        ],
      };
    },

    take(state, cookies) {
      const id = /^([\w-]{11})\.[\w-]{43}$/.exec(state ?? "")?.[1];
      if (state === null || id === undefined) return { ...UNKNOWN, setCookies: [] };
      const name = `${prefix}${id}`;
      const [value] = cookies.get(name) ?? [];
      const setCookies = value === undefined ? [] : [deleteCookie(policy, name)];
      const found = value === undefined ? null : open(value);
      const transaction = found !== null && sameSecret(found.state, state) ? found : null;
      const cause = taken.get(state) ? "transaction_replayed" : gone(id, value, found);
      if (cause !== null) return { ok: false, error: "expired", cause, transaction, setCookies };
      if (transaction === null) return { ...UNKNOWN, setCookies };
      // A copied cookie must not make the same callback work twice (SF-03).
      taken.set(state, true);
      return { ok: true, transaction, setCookies };
    },

    clear: (cookies) => pending(cookies).map((cookie) => deleteCookie(policy, cookie.name)),
  };
}

/** Eight bytes: the second of its start, and four random ones, for a browser to tell its sign-ins by. */
function newTransactionId(now: number, random: Random): string {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.floor(now / 1000) % 2 ** 32);
  return Buffer.concat([seconds, random.bytes(4)]).toString("base64url");
}

/** When a transaction with this id was begun, in ms, to the second. Anybody can make one up. */
function startOf(id: string): number {
  return Buffer.from(id, "base64url").readUInt32BE(0) * 1000;
}

import { MAX_COOKIE_BYTES } from "./cookie-header.server";

/** Two chunks at most: more would not fit the 8 KB that common proxies allow a Cookie header. */
export const MAX_CHUNKS = 2;

/** The bytes that a session may take in the Cookie header; sign-ins under way share the rest of 8 KB. */
export const SESSION_BUDGET_BYTES = 6000;

export interface CookiePart {
  name: string;
  value: string;
}

/**
 * Spreads a sealed value over as few cookies as it needs: `NAME`, or `NAME.0` and `NAME.1`.
 *
 * @returns null when it exceeds the budget, so that a half-written session can’t happen.
 */
export function splitIntoChunks(name: string, value: string): CookiePart[] | null {
  if (name.length + value.length <= MAX_COOKIE_BYTES) return [{ name, value }];
  if (value.length > SESSION_BUDGET_BYTES) return null;
  const size = MAX_COOKIE_BYTES - `${name}.0`.length;
  const parts: CookiePart[] = [];
  for (let index = 0; index * size < value.length; index++) {
    const start = index * size;
    parts.push({ name: `${name}.${index}`, value: value.slice(start, start + size) });
  }
  return parts.length <= MAX_CHUNKS ? parts : null;
}

/**
 * The sealed values that a request’s cookies may hold, the likeliest first.
 *
 * Which of them is real only the seal can tell: its tag covers the whole value, so a missing, mixed
 * or reordered chunk never opens. There is more than one candidate after an answer overtook a later
 * one and left a chunk behind.
 */
export function joinChunks(name: string, cookies: ReadonlyMap<string, string[]>): string[] {
  const candidates: string[] = [];
  const whole = only(cookies.get(name));
  if (whole) candidates.push(whole);
  const chunks: string[] = [];
  for (let index = 0; index < MAX_CHUNKS; index++) {
    const chunk = only(cookies.get(`${name}.${index}`));
    if (!chunk) break;
    chunks.push(chunk);
  }
  for (let count = chunks.length; count > 0; count--) {
    candidates.push(chunks.slice(0, count).join(""));
  }
  return candidates;
}

/** Every cookie of a request that belongs to the session, whole or chunk. */
export function sessionCookieNames(name: string, cookies: ReadonlyMap<string, string[]>): string[] {
  const pattern = /^\.\d+$/;
  return [...cookies.keys()].filter(
    (cookie) =>
      cookie === name || (cookie.startsWith(`${name}.`) && pattern.test(cookie.slice(name.length))),
  );
}

/** A name sent twice with different values was tossed in from elsewhere: neither is believed (SC-17). */
function only(values: string[] | undefined): string | undefined {
  return values && new Set(values).size === 1 ? values[0] : undefined;
}

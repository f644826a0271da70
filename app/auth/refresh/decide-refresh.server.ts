import type { SessionTokens } from "../../session/session.server";

/** With this much of its life left, or less, an access token is renewed (TR-01). */
export const REFRESH_WINDOW_MS = 600_000;

/**
 * - `fresh`: use it.
 * - `due`: it still works; renew it now.
 * - `expired`: it works no more.
 */
export type Freshness = "fresh" | "due" | "expired";

/** When a token becomes due: ten minutes before its end, or at half its life if that is short (TR-14). */
export function dueAt(tokens: SessionTokens): number {
  const life = tokens.expiresAt - tokens.issuedAt;
  const window = life < 2 * REFRESH_WINDOW_MS ? life / 2 : REFRESH_WINDOW_MS;
  return tokens.expiresAt - window;
}

/** What an access token is worth at `now`, in ms since the epoch. */
export function decideRefresh(tokens: SessionTokens, now: number): Freshness {
  if (now >= tokens.expiresAt) return "expired";
  if (now >= dueAt(tokens)) return "due";
  // Issued in the future: the clock was set back, so the end it was counted to means nothing (PF-17).
  if (now < tokens.issuedAt - CLOCK_TOLERANCE_MS) return "due";
  return "fresh";
}

const CLOCK_TOLERANCE_MS = 300_000;

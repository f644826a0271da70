/** What Google’s log and the run’s own say about one person’s one-use refresh tokens. Moments in ms. */
export interface Evidence {
  /** The person’s refreshes that Google granted, in order: when, and which process had asked. */
  granted: readonly { at: number; pid: number | null }[];
  /** Whether a token of theirs is live at Google that nobody has ever shown to it. */
  hasUnusedToken: boolean;
  kills: readonly { at: number; pid: number }[];
  /** When the database couldn’t take tokens: stopped or stalled. */
  outages: readonly { from: number; to: number }[];
}

/** From Google’s answer until the tokens are written, on a busy machine. */
const PUBLISHED_WITHIN_MS = 2000;
/** From the return of the database until what is owed to it is written. */
const PAID_WITHIN_MS = 4000;

/**
 * Whether a person’s only token was in a killed process’s hands: Google granted it, to that process, as
 * the last of this person’s; nobody has shown it since; and the process was killed before it could have
 * written it down.
 */
export function diedWithProcess({ granted, hasUnusedToken, kills, outages }: Evidence): boolean {
  const last = granted.at(-1);
  if (last === undefined || last.pid === null || !hasUnusedToken) return false;
  const kill = kills.find(({ pid, at }) => pid === last.pid && at >= last.at);
  if (kill === undefined) return false;
  if (kill.at - last.at <= PUBLISHED_WITHIN_MS) return true;
  return outages.some(
    ({ from, to }) =>
      last.at >= from - PUBLISHED_WITHIN_MS && kill.at <= to + PAID_WITHIN_MS && last.at <= to,
  );
}

import { BoundedMap } from "../../config/bounded-map";
import type { Session } from "../../session/session.server";

/**
 * Access tokens that were refused although they had just been renewed for that. Renewing once more
 * helps nobody, and an API in trouble would otherwise cost a refresh at every request.
 */
export interface RefusedTokens {
  /** Whether a renewal for this session’s token has just been tried in vain. */
  has(session: Session, now: number): boolean;
  add(session: Session, now: number): void;
}

const REST_MS = 60_000;

export function createRefusedTokens(): RefusedTokens {
  const refused = new BoundedMap<string, { generation: number; until: number }>(10_000);
  return {
    has({ id, generation }, now) {
      const known = refused.get(id);
      if (known?.generation !== generation) return false;
      const left = known.until - now;
      // More than the whole rest: the clock was set back, and its end says nothing (PF-17).
      return left > 0 && left <= REST_MS;
    },
    add: ({ id, generation }, now) => refused.set(id, { generation, until: now + REST_MS }),
  };
}

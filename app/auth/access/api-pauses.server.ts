import { BoundedMap } from "../../config/bounded-map";
import type { Clock } from "../../config/clock.server";
import { type Random, randomFraction } from "../../config/random.server";
import type { SessionUser } from "../../session/session.server";
import { type BackOff, nextBackOff, pauseLeft } from "../refresh/back-off.server";

/**
 * How long one of Google’s APIs is left in peace for a person who asked too much of it (DA-08). Each has
 * quotas of its own: another’s answer ends no pause, and another’s calls go on.
 */
export interface ApiPauses {
  /** What is left of the pause, in ms; 0 lets the call go ahead. */
  left(user: SessionUser, api: string): number;
  /**
   * Notes that an API said "too much".
   *
   * @param retryAfterMs what it asked for, which is never undercut.
   * @returns the pause in ms.
   */
  limited(user: SessionUser, api: string, retryAfterMs: number | null): number;
  answered(user: SessionUser, api: string): void;
}

export function createApiPauses({ clock, random }: { clock: Clock; random: Random }): ApiPauses {
  const pauses = new BoundedMap<string, BackOff>(10_000);
  const keyOf = ({ issuer, id }: SessionUser, api: string) => `${issuer} ${id} ${api}`;
  return {
    left: (user, api) => pauseLeft(pauses.get(keyOf(user, api)), clock.now()),
    limited(user, api, retryAfterMs) {
      const now = clock.now();
      const next = nextBackOff(pauses.get(keyOf(user, api)), {
        now,
        live: false,
        retryAfterMs,
        random: randomFraction(random),
      });
      pauses.set(keyOf(user, api), next);
      return Math.max(next.until - now, 1000);
    },
    answered: (user, api) => pauses.delete(keyOf(user, api)),
  };
}

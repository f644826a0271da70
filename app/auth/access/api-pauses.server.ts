import { BoundedMap } from "../../config/bounded-map";
import type { Clock } from "../../config/clock.server";
import { type Random, randomFraction } from "../../config/random.server";
import type { SessionUser } from "../../session/session.server";
import { type BackOff, nextBackOff, pauseLeft } from "../refresh/back-off.server";

/** How long Google's APIs are left in peace for a person who asked too much of them (DA-08). */
export interface ApiPauses {
  /** What is left of the pause, in ms; 0 lets the call go ahead. */
  left(user: SessionUser): number;
  /**
   * Notes that an API said "too much".
   *
   * @param retryAfterMs what it asked for, which is never undercut.
   * @returns the pause in ms.
   */
  limited(user: SessionUser, retryAfterMs: number | null): number;
  answered(user: SessionUser): void;
}

export function createApiPauses({ clock, random }: { clock: Clock; random: Random }): ApiPauses {
  const pauses = new BoundedMap<string, BackOff>(10_000);
  const keyOf = ({ issuer, id }: SessionUser) => `${issuer} ${id}`;
  return {
    left: (user) => pauseLeft(pauses.get(keyOf(user)), clock.now()),
    limited(user, retryAfterMs) {
      const now = clock.now();
      const next = nextBackOff(pauses.get(keyOf(user)), {
        now,
        live: false,
        retryAfterMs,
        random: randomFraction(random),
      });
      pauses.set(keyOf(user), next);
      return Math.max(next.until - now, 1000);
    },
    answered: (user) => pauses.delete(keyOf(user)),
  };
}

import { createHmac } from "node:crypto";
import { BoundedMap } from "../../config/bounded-map";
import type { Clock } from "../../config/clock.server";
import { deriveKeys } from "../../session/key-ring.server";
import {
  type FullAt,
  perMinute,
  type Rate,
  type Taken,
  takeOne,
} from "../../store/allowance.server";
import type { Store } from "../../store/store.server";

/** What is limited. Every client address has an allowance for each. */
export type Limited = "sign_in_start" | "sign_in_callback" | "refused_token";

/** `waitMs`: until one more is allowed. */
export type Refusal = { kind: "limited"; waitMs: number };

/** Counts what client addresses do. Nobody is locked out by somebody else’s haste (SF-30). */
export interface RateLimiter {
  /** Takes one from an address’s allowance. */
  take(limited: Limited, address: string): Promise<{ kind: "allowed" } | Refusal>;
  /** Does something of which only failures count, unless too many have failed already. */
  countFailures<Result>(
    limited: Limited,
    address: string,
    work: () => Promise<Result>,
    hasFailed: (result: Result) => boolean,
  ): Promise<{ kind: "allowed"; result: Result } | Refusal>;
}

/**
 * Each costs a call to Google. A server that asks for many people is one address, whose tokens it
 * keeps for too long now and then; somebody who tries tokens out needs far more.
 */
const REFUSED_TOKENS_PER_MINUTE = 60;
/** An entry is some 100 bytes; the address that has been quiet longest goes first. */
const CAPACITY = 50_000;
/** A database that is slow makes limits less exact, not sign-in slow. */
const PATIENCE_MS = 2000;

/**
 * Each process counts for itself first, so that a flood doesn’t reach the database, then all that
 * share one count together. While it is away, each process’s own count is what holds.
 *
 * The database is given no addresses, which are personal data, but HMACs of them: a plain hash of an
 * address is found out by trying all there are.
 */
export function createRateLimiter(parts: {
  store: Pick<Store, "isShared" | "takeFromShared">;
  settings: { signInRatePerMinute: number; sessionSecrets: readonly [string, ...string[]] };
  clock: Clock;
}): RateLimiter {
  const { store, settings, clock } = parts;
  const signIn = settings.signInRatePerMinute > 0 ? perMinute(settings.signInRatePerMinute) : null;
  const rates: Record<Limited, Rate | null> = {
    sign_in_start: signIn,
    sign_in_callback: signIn,
    refused_token: perMinute(REFUSED_TOKENS_PER_MINUTE),
  };
  const here = new BoundedMap<string, FullAt>(CAPACITY);
  const secret = deriveKeys(settings.sessionSecrets, "rate-limit").current.bytes;

  function takeHere(name: string, rate: Rate): Taken {
    const taken = takeOne(here.get(name), rate, clock.now());
    here.set(name, taken.fullAt);
    return taken;
  }

  /** What the others know is remembered here, where it is asked first. */
  async function takeFromAll(name: string, rate: Rate): Promise<Taken | null> {
    if (!store.isShared) return null;
    const key = createHmac("sha256", secret).update(name).digest("base64url");
    const asking = store.takeFromShared({ key, rate, now: clock.now() }).then((taken) => {
      if (taken.kind === "unavailable") return null;
      here.set(name, Math.max(here.get(name) ?? 0, taken.fullAt));
      return taken;
    });
    const done = new AbortController();
    const patience = clock.sleep(PATIENCE_MS, done.signal).then(() => null);
    return Promise.race([asking, patience]).finally(() => done.abort());
  }

  return {
    async take(limited, address) {
      const rate = rates[limited];
      if (rate === null) return { kind: "allowed" };
      const name = `${limited} ${address}`;
      const taken = takeHere(name, rate);
      if (taken.kind === "exhausted") return { kind: "limited", waitMs: taken.waitMs };
      const shared = await takeFromAll(name, rate);
      return shared?.kind === "exhausted"
        ? { kind: "limited", waitMs: shared.waitMs }
        : { kind: "allowed" };
    },

    async countFailures(limited, address, work, hasFailed) {
      const rate = rates[limited];
      if (rate === null) return { kind: "allowed", result: await work() };
      const name = `${limited} ${address}`;
      // Taken before it is known, so that of many at once not all are the first.
      const taken = takeHere(name, rate);
      if (taken.kind === "exhausted") return { kind: "limited", waitMs: taken.waitMs };
      const result = await work();
      if (hasFailed(result)) await takeFromAll(name, rate);
      else here.set(name, (here.get(name) ?? 0) - rate.everyMs);
      return { kind: "allowed", result };
    },
  };
}

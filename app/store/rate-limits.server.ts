import { limitsOf, type Rate, type Taken, takeOne } from "./allowance.server";
import type { StoreUnavailable } from "./availability.server";
import type { StoreParts } from "./store-parts.server";

export interface RateLimits {
  /**
   * Takes one from the allowance that all processes share.
   *
   * @param take.key names the allowance. It must not tell anything about anybody: it is kept as it is.
   */
  takeFromShared(take: { key: string; rate: Rate; now: number }): Promise<Taken | StoreUnavailable>;
}

export function createRateLimits({ db, attempt }: StoreParts): RateLimits {
  return {
    takeFromShared: ({ key, rate, now }) =>
      attempt(async () => {
        const { exhaustedAfter, notAfter } = limitsOf(rate, now);
        const whole = now + rate.everyMs;
        // `takeOne` in SQL: one statement, so that no two can take the same one.
        const taken = await db
          .insertInto("latchkey_rate_limits")
          .values({ key, full_at: whole })
          .onConflict((conflict) =>
            conflict
              .column("key")
              .doUpdateSet((is) => ({
                full_at: is
                  .case()
                  .when(is.between("latchkey_rate_limits.full_at", now, notAfter))
                  .then(is("latchkey_rate_limits.full_at", "+", rate.everyMs))
                  .else(whole)
                  .end(),
              }))
              .where((is) =>
                is.or([
                  is("latchkey_rate_limits.full_at", "<=", exhaustedAfter),
                  is("latchkey_rate_limits.full_at", ">", notAfter),
                ]),
              ),
          )
          .returning("full_at")
          .executeTakeFirst();
        if (taken) return { kind: "taken", fullAt: taken.full_at };
        const row = await db
          .selectFrom("latchkey_rate_limits")
          .select("full_at")
          .where("key", "=", key)
          .executeTakeFirst();
        const judged = takeOne(row?.full_at, rate, now);
        // Refilled, or pruned, since the statement before.
        return judged.kind === "exhausted" ? judged : { ...judged, kind: "exhausted", waitMs: 1 };
      }),
  };
}

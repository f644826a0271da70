import { Gauge, type Registry } from "prom-client";
import type { OwedWrites } from "../auth/refresh/owed-writes.server";
import type { Refresher } from "../auth/refresh/refresh.server";
import type { Store } from "../store/store.server";

/** What the refresher is doing, read when somebody asks. */
export function watchRefresher(registry: Registry, refresher: Refresher): void {
  const registers = [registry];
  new Gauge({
    name: "latchkey_refreshes_in_flight",
    help: "Refreshes under way in this process.",
    registers,
    collect() {
      this.set(refresher.underWay);
    },
  });
  new Gauge({
    name: "latchkey_refresh_breaker_open",
    help: "1 while refreshes rest because too many in a row have failed.",
    registers,
    collect() {
      this.set(refresher.resting ? 1 : 0);
    },
  });
}

/** What waits for the database or for Google, read when somebody asks. */
export function watchOwed(
  registry: Registry,
  { owed, store }: { owed: Pick<OwedWrites, "count">; store: Pick<Store, "countRevocations"> },
): void {
  const registers = [registry];
  new Gauge({
    name: "latchkey_owed_writes",
    help: "Ends and new tokens of this process that the database couldn’t take yet.",
    registers,
    collect() {
      this.set(owed.count);
    },
  });
  new Gauge({
    name: "latchkey_owed_revocations",
    help: "Grants that Google hasn’t taken back yet, all processes' together.",
    registers,
    async collect() {
      const counted = await store.countRevocations();
      // While the database is away, the last that was known.
      if (counted.kind === "counted") this.set(counted.count);
    },
  });
}

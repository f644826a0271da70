import { expect, it } from "vitest";
import { perMinute, takeOne } from "../../../app/store/allowance.server";
import { describeOnBoth } from "../../support/databases";
import { NOW } from "../../support/sign-in-fixture";
import { LIMITS } from "./fixtures";

describeOnBoth("An allowance in the database", (database) => {
  it("SF-30 is one for all who take from it at once, and each key has its own", async () => {
    const stores = [await database.open(), await database.open()];
    const rate = perMinute(7);
    const take = (key: string, index: number) =>
      stores[index % 2]?.takeFromShared({ key, rate, now: NOW + index });
    const [one, other] = await Promise.all(
      ["one", "other"].map((key) =>
        Promise.all(Array.from({ length: 20 }, (_, index) => take(key, index))),
      ),
    );
    for (const answers of [one, other]) {
      expect(answers?.filter((answer) => answer?.kind === "taken")).toHaveLength(7);
      expect(answers?.filter((answer) => answer?.kind === "exhausted")).toHaveLength(13);
    }
  });

  it("SF-30 PF-17 is judged as in one process, whatever the clocks do", async () => {
    const store = await database.open();
    const rate = perMinute(4);
    let fullAt: number | undefined;
    // Forward and back: by less than processes' clocks differ, and by more than any do.
    const steps = [0, 0, 0, 1, 0, 14_999, 1, 15_000, -40_000, 0, 39_999, 60_000, 0, -500_000, 0, 0];
    let now = NOW;
    const kinds = new Set<string>();
    for (const step of steps) {
      now += step;
      const judged = takeOne(fullAt, rate, now);
      expect(await store.takeFromShared({ key: "one", rate, now })).toEqual(judged);
      fullAt = judged.fullAt;
      kinds.add(judged.kind);
    }
    expect(kinds).toEqual(new Set(["taken", "exhausted"]));
  });

  it("is forgotten when it is whole again", async () => {
    const store = await database.open();
    await store.takeFromShared({ key: "one", rate: perMinute(1), now: NOW });
    await database.setClock(NOW + 119_999);
    expect(await store.prune(LIMITS)).toMatchObject({ rateLimits: 0 });
    await database.setClock(NOW + 120_000);
    expect(await store.prune(LIMITS)).toMatchObject({ rateLimits: 1 });
  });
});

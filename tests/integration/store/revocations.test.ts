import { expect, it } from "vitest";
import { hashPerson } from "../../../app/config/id-hash.server";
import { describeOnBoth } from "../../support/databases";
import { ADA, BOB, NOW, signedIn } from "../../support/sign-in-fixture";

const HOUR = 3_600_000;
const pauseMs = (tries: number) => 1000 * 2 ** tries;

describeOnBoth("A grant that is owed to Google", (database) => {
  it("FE-16 is taken up when it is due by the database’s clock, again and again until it is settled", async () => {
    const [a, b] = [await database.open(), await database.open()];
    const owed = await a.oweRevocation({ ...ADA, sealedRefresh: "sealed", afterMs: 5000 });
    if (owed.kind !== "owed") throw new Error(owed.kind);
    expect(await a.countRevocations()).toEqual({ kind: "counted", count: 1 });
    const none = { kind: "none" };
    await database.setClock(NOW + 4999);
    expect(await b.takeRevocation(pauseMs)).toEqual(none);
    await database.setClock(NOW + 5000);
    const taken = (tries: number) => ({
      kind: "taken",
      owed: { id: owed.id, sealedRefresh: "sealed", tries },
    });
    // Whoever owed it first may be gone.
    await a.close();
    expect(await b.takeRevocation(pauseMs)).toEqual(taken(1));
    expect(await b.takeRevocation(pauseMs)).toEqual(none);
    await database.setClock(NOW + 6000);
    expect(await b.takeRevocation(pauseMs)).toEqual(taken(2));
    await database.setClock(NOW + 7999);
    expect(await b.takeRevocation(pauseMs)).toEqual(none);
    await database.setClock(NOW + 8000);
    expect(await b.takeRevocation(pauseMs)).toEqual(taken(3));
    expect(await b.settleRevocation(owed.id)).toEqual({ kind: "settled" });
    await database.setClock(NOW + HOUR);
    expect(await b.takeRevocation(pauseMs)).toEqual(none);
    expect(await b.countRevocations()).toEqual({ kind: "counted", count: 0 });
  });

  it("FE-16 is never taken by two processes at once, and all that are due are taken", async () => {
    const stores = [await database.open(), await database.open()];
    const ids = new Set<string>();
    for (let index = 0; index < 20; index++) {
      const owed = await stores[0]?.oweRevocation({
        ...ADA,
        sealedRefresh: `sealed ${index}`,
        afterMs: 0,
      });
      if (owed?.kind === "owed") ids.add(owed.id);
    }
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => stores[index % 2]?.takeRevocation(() => HOUR)),
    );
    const taken = answers.flatMap((answer) => (answer?.kind === "taken" ? answer.owed.id : []));
    expect(taken).toHaveLength(20);
    expect(new Set(taken)).toEqual(ids);
    expect(answers.filter((answer) => answer?.kind === "none")).toHaveLength(10);
  });

  it("FE-16 outlives the account, and names nobody", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await store.oweRevocation({ ...ADA, sealedRefresh: "sealed", afterMs: 0 });
    await store.deleteUser({ ...ADA, reason: "account_deleted" });
    expect(await store.takeRevocation(pauseMs)).toMatchObject({ kind: "taken" });
    const [row] = await database.query("select * from latchkey_revocations");
    const columns = ["id", "next_try_at", "person", "sealed_refresh", "tries"];
    expect(Object.keys(row ?? {}).sort()).toEqual(columns);
    expect(row?.person).toBe(hashPerson(ADA));
  });

  it("FE-16 isn’t owed any more when the person signs in, and others' are", async () => {
    const store = await database.open();
    for (const key of [ADA, BOB]) {
      await store.oweRevocation({ ...key, sealedRefresh: `sealed ${key.sub}`, afterMs: 0 });
    }
    await signedIn(store, "s1");
    const owed = { sealedRefresh: `sealed ${BOB.sub}` };
    expect(await store.takeRevocation(pauseMs)).toMatchObject({ kind: "taken", owed });
    expect(await store.takeRevocation(pauseMs)).toEqual({ kind: "none" });
  });
});

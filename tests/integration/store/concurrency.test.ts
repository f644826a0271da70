import pg from "pg";
import { expect, it } from "vitest";
import { hashPerson, hashSessionId } from "../../../app/config/id-hash.server";
import { refreshTokenIds } from "../../../app/store/refresh-token-ids.server";
import { describeOnPostgres, type TestDatabase } from "../../support/databases";
import { ADA, DAY, NOW, signedIn, signIn } from "../../support/sign-in-fixture";
import { LIMITS } from "./fixtures";

/** Another process’s transaction, which has come as far as `sql` and ends when it is told to. */
async function begun(database: TestDatabase, sql: string) {
  const client = new pg.Client({ connectionString: database.url() });
  await client.connect();
  await client.query(`begin; ${sql}`);
  return {
    run: (more: string) => client.query(more),
    /** Until so many calls wait for it. */
    waitedFor: (calls: number) =>
      expect
        .poll(() => database.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'"))
        .toHaveLength(calls),
    async commit() {
      await client.query("commit");
      await client.end();
    },
  };
}

const rowOf = (id: string) => `id_hash = '${hashSessionId(id)}'`;
const renewed = {
  sealed: { access: "access", refresh: "refresh" },
  refreshTokenIds: refreshTokenIds("new"),
  replaces: null,
};

// What the database does to a statement that has waited: it looks at the row again, not at other tables.
describeOnPostgres("A statement that has waited for another process", (database) => {
  it("FE-3 of a mark leaves an end that came first as it was, and told", async () => {
    await database.setClock(NOW);
    const store = await database.open();
    await signedIn(store, "s1");
    const other = await begun(
      database,
      `update latchkey_sessions set ended_at = ${NOW}, end_reason = 'signed_out' where ${rowOf("s1")}`,
    );
    const ended = store.endSessions({ ...ADA, reason: "ended_elsewhere" });
    await other.waitedFor(1);
    await other.commit();
    expect(await ended).toMatchObject({ kind: "ended" });
    expect(await store.readSession("s1")).toMatchObject({ endReason: "signed_out" });
    expect(await store.endsSince(NOW)).toMatchObject({ ends: [{ reason: "signed_out" }] });
  });

  it("FE-3 of a refresh that began before a mark brings nothing back", async () => {
    await database.setClock(NOW);
    const store = await database.open();
    await signedIn(store, "s1");
    const other = await begun(
      database,
      `update latchkey_sessions set last_seen_at = ${NOW + 1} where ${rowOf("s1")}`,
    );
    const replaces = refreshTokenIds("1//refresh-token-of-s1").hash;
    const published = store.publishRefresh({ id: "s1", generation: 0, ...renewed, replaces });
    await other.waitedFor(1);
    const ended = store.endAllSessions({ reason: "ended_elsewhere" });
    await other.waitedFor(2);
    await other.commit();
    expect(["published", "lost"]).toContain((await published).kind);
    expect(await ended).toMatchObject({ kind: "ended", count: 1 });
    const over = { kind: "ended", reason: "ended_elsewhere" };
    expect(await store.readSession("s1")).toMatchObject({ sealed: null, endReason: over.reason });
    const claim = { id: "s1", generation: 1, holder: "h", leaseMs: 99, seenAt: NOW };
    expect(await store.claimRefresh(claim)).toEqual(over);
    await store.prune(LIMITS);
    expect(await database.dump()).not.toContain('"sealed_refresh":"');
  });

  it("FE-1 of pruning keeps a session that was used meanwhile", async () => {
    await database.setClock(NOW);
    const store = await database.open();
    await signedIn(store, "s1");
    await database.setClock(NOW + 31 * DAY);
    const other = await begun(
      database,
      `update latchkey_sessions set last_seen_at = ${NOW + 31 * DAY} where ${rowOf("s1")}`,
    );
    const pruned = store.prune(LIMITS);
    await other.waitedFor(1);
    await other.commit();
    expect(await pruned).toMatchObject({ kind: "pruned", sessions: 0 });
    expect(await store.readSession("s1")).toMatchObject({ kind: "found", endReason: null });
  });

  it("of a deletion of somebody unknown leaves alone who signs in for the first time", async () => {
    await database.setClock(NOW);
    const store = await database.open();
    const other = await begun(
      database,
      `insert into latchkey_end_marks (who, ended_before, reason, marked_at)
       values ('${hashPerson(ADA)}', 1, 'over', 1)`,
    );
    const deleted = store.deleteUser({ ...ADA, reason: "account_deleted" });
    await other.waitedFor(1);
    await database.setClock(NOW + 1);
    expect(await store.recordSignIn(signIn("s1"))).toMatchObject({ startedAt: NOW + 1 });
    await other.commit();
    expect(await deleted).toMatchObject({ kind: "deleted", ended: { mark: { endedBefore: NOW } } });
    expect(await store.readUser(ADA)).toMatchObject({ kind: "found" });
    expect(await store.readSession("s1")).toMatchObject({ endReason: null });
  });

  it("FE-17 is done again when it was undone, because each waited for the other", async () => {
    await database.setClock(NOW);
    const store = await database.open({ callMs: 20_000 });
    const shared = { session: { refreshTokenIds: refreshTokenIds("old") } };
    await signedIn(store, "s1", shared);
    await signedIn(store, "s2", shared);
    const touch = (id: string) =>
      `update latchkey_sessions set last_seen_at = ${NOW + 1} where ${rowOf(id)}`;
    // It waits longer than the other, which is undone therefore.
    const other = await begun(database, `set local deadlock_timeout = '30s'; ${touch("s2")}`);
    const replaces = refreshTokenIds("old").hash;
    const published = store.publishRefresh({ id: "s1", generation: 0, ...renewed, replaces });
    await other.waitedFor(1);
    await other.run(touch("s1"));
    await other.commit();
    expect(await published).toEqual({ kind: "published", generation: 1 });
    for (const id of ["s1", "s2"]) {
      expect(await store.readSession(id)).toMatchObject({ sealed: { refresh: "refresh" } });
    }
  });
});

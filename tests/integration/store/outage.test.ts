import Database from "libsql";
import { expect, it } from "vitest";
import { openStore, type Store } from "../../../app/store/store.server";
import { describeOnOwnPostgres, describeOnSqlite } from "../../support/databases";
import { NOW, signedIn, signIn } from "../../support/sign-in-fixture";
import { startTcpProxy } from "../../support/tcp-proxy";
import { createTestLog } from "../../support/test-log";

/** How long a call may take here; a server’s call is no different, but takes longer to wait for. */
const CALL_MS = 600;
/** A call’s connection and its queries, and then some for a busy machine. */
const PATIENCE_MS = 5000;

/** Calls of every kind: alone, in a transaction, in steps. */
const calls = (store: Store) =>
  Promise.all([
    store.check(),
    store.readSession("s1"),
    store.recordSignIn(signIn("s2")),
    store.endAllSessions({ reason: "ended_elsewhere" }),
  ]);

const unavailable = Array.from({ length: 4 }, () => ({ kind: "unavailable" }));

describeOnOwnPostgres("When the database", (database, server) => {
  it("goes away, calls are unavailable, and heal when it is back", async () => {
    const log = createTestLog();
    const opened = await openStore({ databaseUrl: database.url(), log });
    if (!opened.ok) throw new Error(opened.error.reason);
    const { store } = opened;
    await signedIn(store, "s1");
    // Some of these are on the way when it goes.
    const flood = Promise.all(Array.from({ length: 50 }, () => store.readSession("s1")));
    await server().stop();
    for (const answer of await flood) expect(["found", "unavailable"]).toContain(answer.kind);
    expect(await calls(store)).toEqual(unavailable);

    await server().start();
    expect(await store.check()).toEqual({ kind: "available" });
    expect(await store.readSession("s1")).toMatchObject({ kind: "found", endReason: null });
    await signedIn(store, "s2");
    const said = ["store_unavailable", "store_available"];
    expect(log.lines.map(({ event }) => event)).toEqual(said);
    await store.close();
  });

  it("hangs, no call waits for long, and all heals when it answers again", async () => {
    const proxy = await startTcpProxy(server().port);
    const url = new URL(database.url());
    url.port = String(proxy.port);
    const opened = await openStore({ databaseUrl: url.href, callMs: CALL_MS });
    if (!opened.ok) throw new Error(opened.error.reason);
    const { store } = opened;
    await signedIn(store, "s1");

    proxy.freeze();
    const began = performance.now();
    expect(await calls(store)).toEqual(unavailable);
    expect(performance.now() - began).toBeLessThan(PATIENCE_MS);
    proxy.thaw();

    expect(await store.check()).toEqual({ kind: "available" });
    expect(await store.readSession("s1")).toMatchObject({ kind: "found" });
    await signedIn(store, "s3");
    await store.close();
    await proxy.close();
  });

  it("is locked by somebody, calls are unavailable, and heal", async () => {
    const store = await database.open({ callMs: CALL_MS });
    await signedIn(store, "s1");
    const locked = database.query(
      "begin; lock table latchkey_sessions; select pg_sleep(2); commit",
    );
    await expect
      .poll(() => database.query("select 1 from pg_locks where mode = 'AccessExclusiveLock'"))
      .not.toEqual([]);
    const end = { id: "s1", reason: "signed_out" };
    expect(await store.endSession(end)).toEqual({ kind: "unavailable" });
    await locked;
    expect(await store.endSession(end)).toMatchObject({ kind: "ended" });
  });

  it("loses connections at any moment, only calls on them are unavailable", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    const kill =
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'latchkey'";
    // Many rounds: some kills come just while a connection changes hands.
    for (let round = 0; round < 20; round++) {
      const event = { jti: "the same" };
      const flood = Array.from({ length: 40 }, () => store.recordSecurityEvent(event));
      await database.query(kill);
      for (const { kind } of await Promise.all(flood)) {
        expect(["new", "seen", "unavailable"]).toContain(kind);
      }
    }
    await expect.poll(() => store.readSession("s1")).toMatchObject({ kind: "found" });
  });
});

describeOnSqlite("When the file", (database) => {
  it("is locked by another process, the loop turns on, calls are unavailable, and heal", async () => {
    const store = await database.open({ callMs: CALL_MS });
    await signedIn(store, "s1");
    const other = new Database(database.url().slice("file:".length));
    other.exec("begin immediate");
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 10);
    const began = performance.now();
    const write = () => store.touchSession({ id: "s1", seenAt: NOW + 1 });
    const answers = await Promise.all([write(), store.recordSignIn(signIn("s2")), write()]);
    clearInterval(ticking);
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ kind: "unavailable" })));
    expect(performance.now() - began).toBeLessThan(PATIENCE_MS);
    expect(turns).toBeGreaterThan(10);

    other.exec("rollback");
    other.close();
    expect(await write()).toEqual({ kind: "live" });
    await signedIn(store, "s2");
  });

  it("is locked only for a moment, nobody notices", async () => {
    const store = await database.open();
    const other = new Database(database.url().slice("file:".length));
    other.exec("begin immediate");
    setTimeout(() => other.exec("rollback"), 300);
    expect(await store.recordSignIn(signIn("s1"))).toMatchObject({ kind: "recorded" });
    other.close();
  });
});

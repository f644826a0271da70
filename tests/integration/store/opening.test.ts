import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openStore } from "../../../app/store/store.server";
import { describeOnBoth, describeOnSqlite } from "../../support/databases";
import { freePort } from "../../support/free-port";
import { ADA, NOW, signedIn } from "../../support/sign-in-fixture";
import { EVER } from "./fixtures";

describeOnBoth("Opening the store", (database) => {
  it("works for eight at once on an empty database, and again on a full one", async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => database.open()));
    for (const [index, store] of stores.entries()) await signedIn(store, `s${index}`);
    const again = await database.open();
    expect(await again.listSessions({ ...ADA, ...EVER })).toMatchObject({
      sessions: { length: 8 },
    });
    expect(await database.query("select name from latchkey_migrations")).toEqual([
      { name: "0001-tables" },
    ]);
  });

  it("works for an older release, beside a newer one that has migrated already", async () => {
    const older = await database.open();
    await database.query("insert into latchkey_migrations (name) values ('9999-from-the-future')");
    await database.query("alter table latchkey_sessions add column from_the_future text");
    await signedIn(older, "s1");
    const restarted = await database.open();
    expect(await restarted.readSession("s1")).toMatchObject({ kind: "found" });
  });

  it("gives times back to the millisecond, as numbers", async () => {
    const store = await database.open();
    await signedIn(store, "s1", { session: { seenAt: 2 ** 53 - 1 } });
    const read = await store.readUser(ADA);
    expect(read.kind === "found" && read.user.createdAt).toBe(NOW);
    const list = await store.listSessions({
      ...ADA,
      startedAfter: NOW - 1,
      seenAfter: 2 ** 53 - 2,
    });
    expect(list.kind === "found" && list.sessions[0]?.startedAt).toBe(NOW);
    const [kind] = await database.query(
      database.engine === "postgres"
        ? "select pg_typeof(last_seen_at)::text as type, last_seen_at::text as text from latchkey_sessions"
        : "select typeof(last_seen_at) as type, cast(last_seen_at as text) as text from latchkey_sessions",
    );
    expect(kind).toEqual({
      type: database.engine === "postgres" ? "bigint" : "integer",
      text: "9007199254740991",
    });
  });

  it("answers that it is unavailable once it is closed, however often", async () => {
    const store = await database.open();
    expect(await store.check()).toEqual({ kind: "available" });
    await Promise.all([store.close(), store.close()]);
    expect(await store.check()).toEqual({ kind: "unavailable" });
    expect(await store.endsSince(0)).toEqual({ kind: "unavailable" });
    expect(await store.readClock()).toEqual({ kind: "unavailable" });
  });
});

describeOnSqlite("Opening a file", (database) => {
  it("makes it and its folder, for this user’s eyes only", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    const path = database.url().slice("file:".length);
    for (const suffix of ["", "-wal", "-shm"]) {
      expect(statSync(path + suffix).mode & 0o777, suffix).toBe(0o600);
    }
    expect(await database.query("pragma journal_mode")).toEqual([{ journal_mode: "wal" }]);
  });

  it("takes an absolute URL, a memory database, and says when it can’t be opened", async () => {
    const path = database.url().slice("file:".length);
    for (const databaseUrl of [`file://${path}`, "file::memory:"]) {
      const opened = await openStore({ databaseUrl });
      if (!opened.ok) throw new Error(opened.error.reason);
      await signedIn(opened.store, "s1");
      expect(await opened.store.readSession("s1")).toMatchObject({ kind: "found" });
      await opened.store.close();
    }
    expect(statSync(path).isFile()).toBe(true);
    const thisFile = fileURLToPath(import.meta.url);
    for (const databaseUrl of [`file:${thisFile}/x.db`, `file:${thisFile}`]) {
      expect(await openStore({ databaseUrl })).toMatchObject({
        ok: false,
        error: { kind: "unavailable" },
      });
    }
  });
});

describe("Opening an address", () => {
  it("says when nobody is there, and never echoes the password", async () => {
    const nobodys = `postgres://postgres:hunter2@127.0.0.1:${await freePort()}/test`;
    for (const databaseUrl of [nobodys, "postgres://user:hunter2@[bad/x"]) {
      const opened = await openStore({ databaseUrl });
      expect(opened).toMatchObject({ ok: false, error: { kind: "unavailable" } });
      expect(JSON.stringify(opened)).not.toContain("hunter2");
    }
  });
});

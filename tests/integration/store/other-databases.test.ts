import { copyFileSync, renameSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { openStore } from "../../../app/store/store.server";
import { describeOnBoth, describeOnPostgres, describeOnSqlite } from "../../support/databases";
import { hasPgBouncer, type PgBouncer, startPgBouncer } from "../../support/pgbouncer";
import { runOn } from "../../support/postgres";
import { ADA, signedIn, signIn } from "../../support/sign-in-fixture";
import { EVER } from "./fixtures";

/** Why a store doesn’t open there, in words. */
async function refusal(databaseUrl: string) {
  const opened = await openStore({ databaseUrl });
  if (!opened.ok) return opened.error;
  await opened.store.close();
  throw new Error("It opened");
}

describeOnBoth("A database with somebody else’s tables", (database) => {
  it("FC-4 is used beside them, and they stay as they are", async () => {
    for (const table of ["users", "sessions", "migrations"]) {
      await database.query(`create table ${table} (name text)`);
    }
    const store = await database.open();
    await signedIn(store, "s1");
    expect(await store.listSessions({ ...ADA, ...EVER })).toMatchObject({
      sessions: { length: 1 },
    });
    for (const table of ["users", "sessions", "migrations"]) {
      expect(await database.query(`select * from ${table}`)).toEqual([]);
    }
  });

  it("FC-4 is refused in one sentence where they have our names", async () => {
    await database.query("create table latchkey_sessions (name text)");
    const { message } = await refusal(database.url());
    expect(message).toMatch(/holds tables named latchkey_….*name another database/);
  });

  it("FC-4 is refused in one sentence where our list of migrations is somebody else’s", async () => {
    await database.query("create table latchkey_migrations (id integer)");
    expect((await refusal(database.url())).message).toMatch(/holds tables named latchkey_…/);
  });
});

describeOnPostgres("A PostgreSQL database", (database) => {
  const at = (change: (url: URL) => void) => {
    const url = new URL(database.url());
    change(url);
    return url.href;
  };

  it.each(["LATIN1", "SQL_ASCII"])(
    "FC-10 is refused, with the mend, when its encoding is %s",
    async (encoding) => {
      const name = `encoded_${encoding.toLowerCase()}_${process.pid}`;
      await database.query(
        `create database ${name} encoding '${encoding}' lc_collate 'C' lc_ctype 'C' template template0`,
      );
      const { reason, message } = await refusal(
        at((url) => {
          url.pathname = `/${name}`;
        }),
      );
      expect(reason).toBe("encoding");
      expect(message).toContain(encoding);
      expect(message).toContain("createdb --encoding=UTF8");
      await database.query(`drop database ${name}`);
    },
  );

  it.each(["require", "verify-full", "verify-ca", "prefer"])(
    "FC-11 is refused in words when it offers no TLS to sslmode=%s",
    async (mode) => {
      const warned: string[] = [];
      const listen = (warning: Error) => warned.push(warning.message);
      process.on("warning", listen);
      const { reason, message } = await refusal(at((url) => url.searchParams.set("sslmode", mode)));
      expect(reason).toBe("tls_not_offered");
      expect(message).toContain("sslmode");
      await new Promise(setImmediate);
      process.off("warning", listen);
      expect(warned).toEqual([]);
    },
  );

  it("FC-11 is refused in words when it isn’t there, or its user may not make tables", async () => {
    await database.query("drop role if exists guest");
    await database.query("create role guest login");
    const nowhere = at((url) => {
      url.pathname = "/not_there";
    });
    expect(await refusal(nowhere)).toMatchObject({
      reason: "sqlstate_3D000",
      message: expect.stringContaining("createdb"),
    });
    const asGuest = at((url) => {
      url.username = "guest";
    });
    expect((await refusal(asGuest)).message).toContain("grant it CREATE");
    await database.query("grant usage on schema public to guest");
    expect((await refusal(asGuest)).message).toContain("grant it CREATE");
    await database.query("revoke all on schema public from guest");
    const elsewhere = at((url) => {
      url.hostname = "nobody.invalid";
    });
    expect((await refusal(elsewhere)).message).toMatch(/its host can’t be (found|looked up)/);
  });
});

const serverUrl = inject("postgres");
if (serverUrl !== null && !hasPgBouncer()) {
  process.stderr.write("\n*** LEFT OUT: “PgBouncer”, as it isn’t installed ***\n\n");
}
if (serverUrl !== null && hasPgBouncer()) {
  describeOnPostgres("PgBouncer before the database", (database) => {
    describe.each(["session", "transaction"] as const)("in %s mode", (mode) => {
      let pooler: PgBouncer;
      beforeEach(async () => {
        pooler = await startPgBouncer(serverUrl, mode);
      });
      afterEach(() => pooler.stop());

      it("FC-3 serves two processes, their transactions and their time limits, with its defaults", async () => {
        const url = pooler.urlOf(database.url());
        const opened = await Promise.all(
          [1, 2].map(() => openStore({ databaseUrl: url, callMs: 600 })),
        );
        const [a, b] = opened.map((one) => {
          if (!one.ok) throw new Error(one.error.message);
          return one.store;
        });
        if (!a || !b) throw new Error("unreachable");
        await Promise.all(
          Array.from({ length: 20 }, (_, index) => signedIn(index % 2 ? a : b, `s${index}`)),
        );
        expect(await b.listSessions({ ...ADA, ...EVER })).toMatchObject({
          sessions: { length: 20 },
        });
        const locked = runOn(
          database.url(),
          "begin; lock table latchkey_sessions; select pg_sleep(1.5); commit",
        );
        await expect
          .poll(() => database.query("select 1 from pg_locks where mode = 'AccessExclusiveLock'"))
          .not.toEqual([]);
        expect(await a.recordSignIn(signIn("late"))).toEqual({ kind: "unavailable" });
        await locked;
        expect(await a.recordSignIn(signIn("after"))).toMatchObject({ kind: "recorded" });
        // Nothing that was set for a call stays with a connection that others are given.
        expect(await runOn(url, "show statement_timeout")).toEqual([{ statement_timeout: "0" }]);
        await Promise.all([a.close(), b.close()]);
      });
    });
  });
}

describeOnSqlite("The database’s file", (database) => {
  const path = () => database.url().slice("file:".length);

  it("FC-13 is missed when it is removed, and nothing is written into the void", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    rmSync(path());
    expect(await store.check()).toEqual({ kind: "unavailable" });
    expect(await store.recordSignIn(signIn("s2"))).toEqual({ kind: "unavailable" });
  });

  it("FC-13 is missed when another was put in its place, until it is back", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    const [mine, copy] = [`${path()}.mine`, `${path()}.copy`];
    copyFileSync(path(), copy);
    renameSync(path(), mine);
    renameSync(copy, path());
    expect(await store.readSession("s1")).toEqual({ kind: "unavailable" });
    renameSync(mine, path());
    expect(await store.readSession("s1")).toMatchObject({ kind: "found" });
  });
});

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "libsql";
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from "vitest";
import type { Clock } from "../../app/config/clock.server";
import { openStore, type Store } from "../../app/store/store.server";
import {
  createDatabase,
  emptyDatabase,
  findPostgres,
  type Postgres,
  runOn,
  startPostgres,
  stopClockAt,
} from "./postgres";
import { NOW } from "./sign-in-fixture";
import { temporaryDatabase } from "./temporary-database";

/** An empty database for each test. */
export interface TestDatabase {
  engine: "sqlite" | "postgres";
  url(): string;
  /** Sets the database’s clock, ms; it stands still there. */
  setClock(now: number): Promise<void>;
  /** Opens a store on it, which is closed after the test. */
  open(options?: { callMs?: number }): Promise<Store>;
  /** Runs SQL beside the stores, with another connection. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Everything in all tables, as text to search in. */
  dump(): Promise<string>;
}

/** Runs the same tests on SQLite and on PostgreSQL; says so when there is no PostgreSQL. */
export function describeOnBoth(title: string, define: (database: TestDatabase) => void): void {
  const defineAtNow = (database: TestDatabase) => {
    beforeEach(() => database.setClock(NOW));
    define(database);
  };
  describeOnSqlite(title, defineAtNow);
  describeOnPostgres(title, defineAtNow);
}

export function describeOnSqlite(title: string, define: (database: TestDatabase) => void): void {
  describe(`${title} (SQLite)`, () => {
    let file = { url: "", remove() {} };
    beforeEach(() => {
      file = temporaryDatabase();
    });
    const query = async (sql: string) => {
      const path = file.url.slice("file:".length);
      mkdirSync(dirname(path), { recursive: true });
      const database = new Database(path);
      try {
        const statement = database.prepare(sql);
        if (statement.reader) return statement.all() as Record<string, unknown>[];
        statement.run();
        return [];
      } finally {
        database.close();
      }
    };
    // Hooks after a test run last first: the stores are closed before their file goes.
    afterEach(() => file.remove());
    let stoppedAt: number | null = null;
    const clock = { now: () => stoppedAt ?? Date.now() };
    define({
      engine: "sqlite",
      url: () => file.url,
      query,
      open: closedAfterEach(() => file.url, clock),
      dump: () => dumpWith(query, "main"),
      async setClock(now) {
        stoppedAt = now;
      },
    });
  });
}

/** On the PostgreSQL server that the whole run shares. `oneForAll`: the tests share their database. */
export function describeOnPostgres(
  title: string,
  define: (database: TestDatabase) => void,
  { oneForAll = false } = {},
): void {
  const serverUrl = inject("postgres");
  if (serverUrl === null) sayLeftOut(title);
  else
    describe(`${title} (PostgreSQL)`, () => defineOnPostgres(() => serverUrl, define, oneForAll));
}

/** On a PostgreSQL server of its own, which it may stop and start. */
export function describeOnOwnPostgres(
  title: string,
  define: (database: TestDatabase, server: () => Postgres) => void,
): void {
  const programs = findPostgres();
  if (programs === null) {
    sayLeftOut(title);
    return;
  }
  describe(`${title} (PostgreSQL)`, () => {
    let started: Postgres | null = null;
    const server = (): Postgres => {
      if (started === null) throw new Error("PostgreSQL isn’t running");
      return started;
    };
    beforeAll(async () => {
      started = await startPostgres(programs);
    }, 60_000);
    afterAll(() => started?.dispose(), 60_000);
    defineOnPostgres(
      () => server().url,
      (database) => define(database, server),
      false,
    );
  });
}

function defineOnPostgres(
  serverUrl: () => string,
  define: (database: TestDatabase) => void,
  oneForAll: boolean,
): void {
  let url = "";
  beforeAll(async () => {
    url = await createDatabase(serverUrl());
  });
  if (!oneForAll) beforeEach(() => emptyDatabase(url));
  const query = (sql: string) => runOn(url, sql);
  const open = closedAfterEach(() => url);
  define({
    engine: "postgres",
    url: () => url,
    query,
    open,
    dump: () => dumpWith(query, "public"),
    setClock: (now) => stopClockAt(url, now),
  });
}

function sayLeftOut(title: string): void {
  process.stderr.write(`\n*** LEFT OUT: “${title}”, as PostgreSQL isn’t installed ***\n\n`);
}

function closedAfterEach(url: () => string, clock?: Pick<Clock, "now">): TestDatabase["open"] {
  const stores: Store[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });
  return async (options) => {
    const opened = await openStore({ databaseUrl: url(), ...(clock && { clock }), ...options });
    if (!opened.ok) throw new Error(`The store didn’t open: ${opened.error.reason}`);
    stores.push(opened.store);
    return opened.store;
  };
}

async function dumpWith(query: TestDatabase["query"], schema: "main" | "public"): Promise<string> {
  const tables = await query(
    schema === "main"
      ? "select name from sqlite_master where type = 'table'"
      : "select tablename as name from pg_tables where schemaname = 'public'",
  );
  const contents = await Promise.all(
    tables.map(async ({ name }) => [name, await query(`select * from "${String(name)}"`)]),
  );
  return JSON.stringify(contents);
}

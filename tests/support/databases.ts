import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { openStore, type Store } from "../../app/store/store.server";
import { findPostgres, type Postgres, startPostgres } from "./postgres";

/** An empty database for each test. */
export interface TestDatabase {
  engine: "sqlite" | "postgres";
  url(): string;
  /** Opens a store on it, which is closed after the test. */
  open(): Promise<Store>;
  /** Runs SQL beside the stores, with another connection. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Everything in all tables, as text to search in. */
  dump(): Promise<string>;
}

interface TestPostgres extends TestDatabase {
  server(): Postgres;
}

/** Runs the same tests on SQLite and on PostgreSQL; says so when there is no PostgreSQL. */
export function describeOnBoth(title: string, define: (database: TestDatabase) => void): void {
  describeOnSqlite(title, define);
  describeOnPostgres(title, define);
}

export function describeOnSqlite(title: string, define: (database: TestDatabase) => void): void {
  describe(`${title} (SQLite)`, () => {
    let folder = "";
    let url = "";
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "latchkey-sqlite-"));
      url = `file:${join(folder, "data", "latchkey.db")}`;
    });
    const query = async (sql: string) => {
      const database = new Database(url.slice("file:".length));
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
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    const open = closedAfterEach(() => url);
    define({ engine: "sqlite", url: () => url, query, open, dump: () => dumpWith(query, "main") });
  });
}

export function describeOnPostgres(title: string, define: (database: TestPostgres) => void): void {
  const programs = findPostgres();
  if (programs === null) {
    process.stderr.write(
      `\n*** LEFT OUT: “${title}” on PostgreSQL, whose server isn't installed ***\n\n`,
    );
    return;
  }
  describe(`${title} (PostgreSQL)`, () => {
    let server: Postgres | null = null;
    let url = "";
    const running = (): Postgres => {
      if (server === null) throw new Error("PostgreSQL isn't running");
      return server;
    };
    beforeAll(async () => {
      server = await startPostgres(programs);
    }, 60_000);
    afterAll(() => server?.dispose(), 60_000);
    beforeEach(async () => {
      url = await running().createDatabase();
    });
    const query = async (sql: string) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    };
    const open = closedAfterEach(() => url);
    define({
      engine: "postgres",
      url: () => url,
      query,
      open,
      dump: () => dumpWith(query, "public"),
      server: running,
    });
  });
}

function closedAfterEach(url: () => string): () => Promise<Store> {
  const stores: Store[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });
  return async () => {
    const opened = await openStore({ databaseUrl: url() });
    if (!opened.ok) throw new Error(`The store didn't open: ${opened.error.reason}`);
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

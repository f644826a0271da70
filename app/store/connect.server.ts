import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import Database from "libsql";
import pg from "pg";
import type { CallLimit } from "./call-limit.server";
import { PostgresDriver } from "./postgres-driver.server";
import type { Schema } from "./schema.server";
import { SqliteDriver } from "./sqlite-driver.server";

export type Engine = "sqlite" | "postgres";

const POOL_SIZE = 5;
/** How long a new connection may take, or a free one of the pool, in parts of a call. */
const CONNECT_PART = 0.5;
/** PostgreSQL gives up a statement first, so that it doesn't go on working for nobody. */
const STATEMENT_PART = 0.75;
/** A machine that died inside a transaction doesn't keep its row locks for longer. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** PostgreSQL's type `bigint`, which pg gives as text unless told otherwise. */
const INT8 = 20;

/**
 * Opens `file:…` with SQLite, `postgres://…` with PostgreSQL. SQLite's file and folder are made,
 * readable by this user only. PostgreSQL isn't asked for anything yet.
 *
 * @param limit of a call at any time; `callMs` what it will be once the tables are up to date.
 * @throws what the file system or a driver says about an address that can't be opened.
 */
export function connect(
  databaseUrl: string,
  limit: CallLimit,
  callMs: number,
): { db: Kysely<Schema>; engine: Engine } {
  return databaseUrl.startsWith("file:")
    ? { db: new Kysely({ dialect: sqlite(databaseUrl, limit) }), engine: "sqlite" }
    : { db: new Kysely({ dialect: postgres(databaseUrl, limit, callMs) }), engine: "postgres" };
}

function sqlite(databaseUrl: string, limit: CallLimit): Dialect {
  const path = sqlitePath(databaseUrl);
  if (path !== ":memory:") {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  }
  const database = new Database(path);
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database, limit),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function sqlitePath(databaseUrl: string): string {
  return databaseUrl.startsWith("file://")
    ? fileURLToPath(databaseUrl)
    : databaseUrl.slice("file:".length);
}

function postgres(databaseUrl: string, limit: CallLimit, callMs: number): Dialect {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: "latchkey",
    max: POOL_SIZE,
    connectionTimeoutMillis: callMs * CONNECT_PART,
    statement_timeout: callMs * STATEMENT_PART,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    types: { getTypeParser },
  });
  // A connection that breaks while nobody uses it is dropped by the pool, one that breaks just while it
  // changes hands by the next call. Without a listener on both Node would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(pool, limit),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

const getTypeParser: typeof pg.types.getTypeParser = (id: number, format?: "text" | "binary") =>
  id === INT8 ? readInt8 : pg.types.getTypeParser(id, format as "text");

/** Times in ms and counts are far below 2^53; anything above would be silently wrong as a number. */
function readInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError("A 64-bit integer is out of range");
  return value;
}

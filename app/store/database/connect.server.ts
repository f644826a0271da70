import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
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
/** PostgreSQL’s type `bigint`, which pg gives as text unless told otherwise. */
const INT8 = 20;

/**
 * Opens `file:…` with SQLite, `postgres://…` with PostgreSQL. SQLite’s file and folder are made,
 * readable by this user only. PostgreSQL isn’t asked for anything yet.
 *
 * @param limit of a call at any time; `callMs` what it will be once the tables are up to date.
 * @throws what the file system or a driver says about an address that can’t be opened.
 */
export function connect(
  databaseUrl: string,
  engine: Engine,
  limit: CallLimit,
  callMs: number,
): Kysely<Schema> {
  const dialect =
    engine === "sqlite" ? sqlite(databaseUrl, limit) : postgres(databaseUrl, limit, callMs);
  return new Kysely({ dialect });
}

function sqlite(databaseUrl: string, limit: CallLimit): Dialect {
  const path = sqlitePath(databaseUrl);
  const inMemory = path === ":memory:";
  if (!inMemory) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  }
  const database = new Database(path);
  const opened = inMemory ? null : fileAt(path);
  const isInPlace = () => opened === null || fileAt(path) === opened;
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database, limit, isInPlace),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function sqlitePath(databaseUrl: string): string {
  return databaseUrl.startsWith("file://")
    ? fileURLToPath(databaseUrl)
    : databaseUrl.slice("file:".length);
}

/** Which file is at a path, by device and number; null for none. */
function fileAt(path: string): string | null {
  const file = statSync(path, { throwIfNoEntry: false });
  return file === undefined ? null : `${file.dev}:${file.ino}`;
}

function postgres(databaseUrl: string, limit: CallLimit, callMs: number): Dialect {
  const pool = new pg.Pool({
    connectionString: checkingCertificates(databaseUrl),
    application_name: "latchkey",
    max: POOL_SIZE,
    connectionTimeoutMillis: callMs * CONNECT_PART,
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

/**
 * The weaker words for TLS mean `verify-full` to pg 8, which warns on standard error that pg 9 will
 * take libpq’s meaning. Here they keep the strong one.
 */
function checkingCertificates(databaseUrl: string): string {
  return databaseUrl.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, "$1verify-full");
}

const getTypeParser: typeof pg.types.getTypeParser = (id: number, format?: "text" | "binary") =>
  id === INT8 ? readInt8 : pg.types.getTypeParser(id, format as "text");

/** Times in ms and counts are far below 2^53; anything above would be silently wrong as a number. */
function readInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError("A 64-bit integer is out of range");
  return value;
}

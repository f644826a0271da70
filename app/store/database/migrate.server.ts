import { type Kysely, type Migration, sql } from "kysely";
import type { Engine } from "./connect.server";
import { UnusableDatabase } from "./explain-unopened.server";
import { tables } from "./migrations/0001-tables.server";
import type { Schema } from "./schema.server";

/** Oldest first. A name, once released, stays. */
const MIGRATIONS: readonly (readonly [name: string, migration: Migration])[] = [
  ["0001-tables", tables],
];

/** Any number, the same in every process: it names the one lock that migrating processes share. */
const POSTGRES_LOCK = 5_121_963;

/** How long a migration may work, once it has the lock, and how long another may wait for it. */
export const MIGRATION_MS = 60_000;

type AppliedMigrations = { latchkey_migrations: { name: string } };

/**
 * Brings the tables up to this release, in one transaction that all processes take turns in.
 *
 * Kysely’s own migrator isn’t used: it takes no lock on SQLite, holds a session-wide one on
 * PostgreSQL, which connection poolers break, and refuses to start when a newer release has migrated
 * already, which is every restart of the older one in a rolling deploy (MP-06). So that the older
 * release can run on, migrations only ever add.
 */
export async function migrate(db: Kysely<Schema>, engine: Engine): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // On SQLite the transaction itself is the lock: the driver begins it as a writer.
    if (engine === "postgres") {
      await expectUnicode(transaction);
      await sql`select pg_advisory_xact_lock(${sql.lit(POSTGRES_LOCK)})`.execute(transaction);
    }
    await sql`create table if not exists latchkey_migrations (name text not null primary key)`.execute(
      transaction,
    );
    const applied = transaction.withTables<AppliedMigrations>();
    const rows = await applied.selectFrom("latchkey_migrations").select("name").execute();
    const names = new Set(rows.map((row) => row.name));
    for (const [name, migration] of MIGRATIONS) {
      if (names.has(name)) continue;
      await migration.up(transaction);
      await applied.insertInto("latchkey_migrations").values({ name }).execute();
    }
  });
}

/** Names and addresses come in any script: a database that can’t hold them would refuse people one by one. */
async function expectUnicode(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(db);
  const encoding = rows[0]?.server_encoding ?? "unknown";
  if (encoding === "UTF8") return;
  throw new UnusableDatabase(
    "encoding",
    `its encoding is ${encoding}, which can’t hold every name; make one with createdb --encoding=UTF8 --template=template0`,
  );
}

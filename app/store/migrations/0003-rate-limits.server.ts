import type { Kysely, Migration } from "kysely";

export const rateLimits: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("rate_limits")
    .addColumn("key", "text", (column) => column.notNull().primaryKey())
    .addColumn("full_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("rate_limits_age").on("rate_limits").column("full_at").execute();
}

import type { Kysely, Migration } from "kysely";

export const googleEnabled: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("users").addColumn("google_enabled_at", "bigint").execute();
}

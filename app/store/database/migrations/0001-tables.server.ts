import { type Kysely, type Migration, sql } from "kysely";

export const tables: Migration = { up };

// A migration keeps its own view of the tables: the schema’s types move on, this step doesn’t.
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("latchkey_users")
    .addColumn("issuer", "text", (column) => column.notNull())
    .addColumn("sub", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("email", "text", (column) => column.notNull())
    .addColumn("picture", "text")
    .addColumn("hosted_domain", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_signed_in_at", "bigint", (column) => column.notNull())
    .addColumn("disabled_at", "bigint")
    .addColumn("google_blocked_at", "bigint")
    .addColumn("google_enabled_at", "bigint")
    .addColumn("step_up_required_at", "bigint")
    .addPrimaryKeyConstraint("latchkey_users_key", ["issuer", "sub"])
    .execute();

  await db.schema
    .createTable("latchkey_sessions")
    .addColumn("id_hash", "text", (column) => column.notNull().primaryKey())
    .addColumn("handle", "text", (column) => column.unique())
    .addColumn("issuer", "text")
    .addColumn("sub", "text")
    .addColumn("person", "text")
    .addColumn("generation", "bigint", (column) => column.notNull())
    .addColumn("sealed_access", "text")
    .addColumn("sealed_refresh", "text")
    .addColumn("refresh_token_hash", "text")
    .addColumn("refresh_token_prefix_hash", "text")
    .addColumn("lease_holder", "text")
    .addColumn("lease_until", "bigint")
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("last_seen_at", "bigint", (column) => column.notNull())
    .addColumn("renewed_at", "bigint", (column) => column.notNull())
    .addColumn("browser", "text")
    .addColumn("system", "text")
    .addColumn("ended_at", "bigint")
    .addColumn("end_reason", "text")
    .addColumn("ended_by_mark", "bigint", (column) => column.notNull().defaultTo(0))
    // No cascade: the database itself refuses to lose a person whose sessions still name them.
    .addForeignKeyConstraint("latchkey_sessions_user", ["issuer", "sub"], "latchkey_users", [
      "issuer",
      "sub",
    ])
    .addCheckConstraint("latchkey_sessions_end", sql`(ended_at is null) = (end_reason is null)`)
    .execute();

  const indexes = {
    person: ["person", "started_at"],
    user: ["issuer", "sub"],
    start: ["started_at"],
    use: ["last_seen_at"],
  };
  for (const [name, columns] of Object.entries(indexes)) {
    await db.schema
      .createIndex(`latchkey_sessions_${name}`)
      .on("latchkey_sessions")
      .columns(columns)
      .execute();
  }
  for (const column of ["refresh_token_hash", "refresh_token_prefix_hash"]) {
    await db.schema
      .createIndex(`latchkey_sessions_${column}`)
      .on("latchkey_sessions")
      .column(column)
      .where(sql.ref(column), "is not", null)
      .execute();
  }
  // What a mark still has to end, and the ends that processes look for: neither grows with the other.
  await db.schema
    .createIndex("latchkey_sessions_live")
    .on("latchkey_sessions")
    .column("started_at")
    .where(sql.ref("ended_at"), "is", null)
    .execute();
  await db.schema
    .createIndex("latchkey_sessions_end")
    .on("latchkey_sessions")
    .column("ended_at")
    .where(sql.ref("ended_at"), "is not", null)
    .where(sql.ref("ended_by_mark"), "=", sql.lit(0))
    .execute();

  await db.schema
    .createTable("latchkey_end_marks")
    .addColumn("who", "text", (column) => column.notNull().primaryKey())
    .addColumn("ended_before", "bigint", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("spared", "text")
    .addColumn("marked_at", "bigint", (column) => column.notNull())
    .addColumn("swept_at", "bigint")
    .execute();
  await db.schema
    .createIndex("latchkey_end_marks_age")
    .on("latchkey_end_marks")
    .column("marked_at")
    .execute();
  await db.schema
    .createIndex("latchkey_end_marks_unswept")
    .on("latchkey_end_marks")
    .column("marked_at")
    .where(sql.ref("swept_at"), "is", null)
    .execute();

  await db.schema
    .createTable("latchkey_revocations")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("person", "text", (column) => column.notNull())
    .addColumn("sealed_refresh", "text", (column) => column.notNull())
    .addColumn("tries", "bigint", (column) => column.notNull())
    .addColumn("next_try_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("latchkey_revocations_due")
    .on("latchkey_revocations")
    .column("next_try_at")
    .execute();

  await db.schema
    .createTable("latchkey_security_events")
    .addColumn("jti_hash", "text", (column) => column.notNull().primaryKey())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("latchkey_security_events_age")
    .on("latchkey_security_events")
    .column("received_at")
    .execute();

  await db.schema
    .createTable("latchkey_rate_limits")
    .addColumn("key", "text", (column) => column.notNull().primaryKey())
    .addColumn("full_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("latchkey_rate_limits_age")
    .on("latchkey_rate_limits")
    .column("full_at")
    .execute();
}

import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Clock } from "../config/clock.server";
import type { Random } from "../config/random.server";
import type { Attempt } from "./availability.server";
import type { Engine } from "./database/connect.server";
import type { Schema } from "./database/schema.server";

/** What every part of the store works with. */
export interface StoreParts {
  db: Kysely<Schema>;
  attempt: Attempt;
  random: Random;
  /**
   * The database’s clock, in ms since the epoch, as a part of a statement: what machines have to agree
   * on is measured by it. PostgreSQL’s own; SQLite’s is that of the one machine it is on.
   */
  now: () => RawBuilder<number>;
}

/** As it goes on within a transaction: `now()` stands still there. */
const POSTGRES_NOW = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** @param machine the clock of the machine that SQLite’s file is on; PostgreSQL has its own. */
export function databaseClock(engine: Engine, machine: Pick<Clock, "now">): StoreParts["now"] {
  return engine === "postgres" ? () => POSTGRES_NOW : () => sql<number>`${machine.now()}`;
}

/** The key of a person: who says so, and their id there. An email is never a key. */
export interface UserKey {
  issuer: string;
  sub: string;
}

/** Text from outside, as both databases can hold it: PostgreSQL refuses the character NUL. */
export function storable<Text extends string | null>(text: Text): Text | string {
  return text === null ? text : text.replaceAll("\0", "");
}

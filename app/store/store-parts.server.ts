import type { Kysely } from "kysely";
import type { Random } from "../config/random.server";
import type { Attempt } from "./availability.server";
import type { Schema } from "./schema.server";

/** What every part of the store works with. */
export interface StoreParts {
  db: Kysely<Schema>;
  attempt: Attempt;
  random: Random;
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

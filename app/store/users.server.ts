import type { Selectable } from "kysely";
import type { StoreUnavailable } from "./availability.server";
import type { Schema } from "./database/schema.server";
import { type StoreParts, storable, type UserKey } from "./store-parts.server";

/** A person who has signed in. Times in ms; null where it never happened or was taken back. */
interface User extends UserKey {
  /** For display only, as are email and picture. */
  name: string;
  email: string;
  picture: string | null;
  /** Google’s `hd` at the last sign-in. */
  hostedDomain: string | null;
  createdAt: number;
  lastSignedInAt: number;
  disabledAt: number | null;
  googleBlockedAt: number | null;
  googleEnabledAt: number | null;
  /** What is dangerous takes a sign-in since then. */
  stepUpRequiredAt: number | null;
}

type ReadUser = { kind: "found"; user: User } | { kind: "absent" } | StoreUnavailable;
export interface Users {
  readUser(key: UserKey): Promise<ReadUser>;
  /** For an operator: people by `sub` or by email, in any case of letters, which may be several’s. */
  findUsers(query: {
    issuer: string;
    subOrEmail: string;
  }): Promise<{ kind: "found"; users: User[] } | StoreUnavailable>;
}

export function createUsers({ db, attempt }: StoreParts): Users {
  return {
    readUser: ({ issuer, sub }) =>
      attempt(async () => {
        const row = await db
          .selectFrom("latchkey_users")
          .selectAll()
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .executeTakeFirst();
        return row === undefined ? { kind: "absent" } : { kind: "found", user: toUser(row) };
      }),

    findUsers: ({ issuer, subOrEmail }) =>
      attempt(async () => {
        const text = storable(subOrEmail);
        const rows = await db
          .selectFrom("latchkey_users")
          .selectAll()
          .where("issuer", "=", issuer)
          .where((is) =>
            is.or([is("sub", "=", text), is(is.fn("lower", ["email"]), "=", text.toLowerCase())]),
          )
          .orderBy("created_at")
          .orderBy("sub")
          .execute();
        return { kind: "found", users: rows.map(toUser) };
      }),
  };
}

function toUser(row: Selectable<Schema["latchkey_users"]>): User {
  return {
    issuer: row.issuer,
    sub: row.sub,
    name: row.name,
    email: row.email,
    picture: row.picture,
    hostedDomain: row.hosted_domain,
    createdAt: row.created_at,
    lastSignedInAt: row.last_signed_in_at,
    disabledAt: row.disabled_at,
    googleBlockedAt: row.google_blocked_at,
    googleEnabledAt: row.google_enabled_at,
    stepUpRequiredAt: row.step_up_required_at,
  };
}

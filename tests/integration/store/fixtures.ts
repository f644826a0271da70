import { hashPerson } from "../../../app/config/id-hash.server";
import type { TestDatabase } from "../../support/databases";
import { ADA, DAY, NOW } from "../../support/sign-in-fixture";

/** The limits that a server has by default. */
export const LIMITS = { idleMs: 30 * DAY, absoluteMs: 180 * DAY, notAfter: 1e15 };

/** Whatever has not ended otherwise. */
export const EVER = { startedAfter: 0, seenAfter: 0 };

const numbers = ({ engine }: TestDatabase, upTo: number) =>
  engine === "postgres"
    ? `generate_series(1, ${upTo}) as numbers(n)`
    : `(with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${upTo})
        select n from numbers) as numbers`;

/** Marks of so many people, long before any session. */
export async function insertMarks(database: TestDatabase, count: number): Promise<void> {
  await database.query(
    `insert into latchkey_end_marks (who, ended_before, reason, marked_at, swept_at)
     select 'marked-' || n, n, 'over', ${NOW - DAY} + n, ${NOW} from ${numbers(database, count)}`,
  );
}

/**
 * Rows of so many sessions of Ada’s, faster than by signing in. They are `other-1`, `other-2` …
 *
 * @param options.startedAt ms; SQL in which `n` is the row’s number.
 * @param options.people gives the sessions to so many others by turns.
 */
export async function insertSessions(
  database: TestDatabase,
  count: number,
  options: { startedAt: string; people?: number },
): Promise<void> {
  const { startedAt, people } = options;
  if (people !== undefined) {
    await database.query(
      `insert into latchkey_users (issuer, sub, name, email, created_at, last_signed_in_at)
       select '${ADA.issuer}', 'sub-' || n, 'Somebody', 'somebody@example.com', 1, 1
       from ${numbers(database, people)}`,
    );
  }
  const [sub, person] =
    people === undefined
      ? [`'${ADA.sub}'`, `'${hashPerson(ADA)}'`]
      : [`'sub-' || (1 + n % ${people})`, `'person-' || (1 + n % ${people})`];
  await database.query(
    `insert into latchkey_sessions (id_hash, handle, issuer, sub, person, generation, sealed_access,
       sealed_refresh, refresh_token_hash, refresh_token_prefix_hash, started_at, last_seen_at, renewed_at)
     select 'other-' || n, 'handle-' || n, '${ADA.issuer}', ${sub}, ${person}, 0, 'sealed access',
       'sealed refresh', 'hash-' || n, 'prefix-' || n, ${startedAt}, ${startedAt}, ${startedAt}
     from ${numbers(database, count)}`,
  );
}

import pg from "pg";

/** The database can’t be reached, or didn’t answer in time. Not a bug, and not the caller’s fault. */
export class DatabaseAway extends Error {
  override readonly name = "DatabaseAway";
  /** A stable word for the log. Never the driver’s message: it can hold addresses and values. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`The database is away: ${reason}`, options);
    this.reason = reason;
  }
}

/** SQLSTATE classes that only a mistake in this code can cause: bad data, broken constraint, bad SQL. */
const POSTGRES_BUGS = ["22", "23", "42"];
/** In class 42 too, but an operator’s to mend. */
const POSTGRES_NOT_ALLOWED = "42501";

const SQLITE_BUGS = /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE|TOOBIG)/;

/** Why the database failed a query, in a word for the log; null for an error that is a bug. */
export function awayReason(error: unknown): string | null {
  if (error instanceof DatabaseAway) return error.reason;
  if (error instanceof pg.DatabaseError) {
    const code = error.code ?? "";
    const bug = POSTGRES_BUGS.includes(code.slice(0, 2)) && code !== POSTGRES_NOT_ALLOWED;
    return bug ? null : `sqlstate_${code}`;
  }
  const code = sqliteCode(error);
  return code === null || SQLITE_BUGS.test(code) ? null : code.toLowerCase();
}

/** SQLite’s name for what went wrong, such as `SQLITE_BUSY`; null for any other error. */
export function sqliteCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  const { code } = error;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : null;
}

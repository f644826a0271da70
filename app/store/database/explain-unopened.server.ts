import pg from "pg";
import { awayReason, sqliteCode } from "./database-error.server";

/** Why the database can’t be used, for whoever starts the app. Nothing of its address is in it. */
export interface Unopened {
  kind: "unavailable";
  /** A stable word for the log. */
  reason: string;
  /** What is wrong and how to mend it: one plain sentence. */
  message: string;
}

/** The sentence for a person at a terminal. */
export function aboutDatabase({ reason, message }: Unopened): string {
  return `the database of DATABASE_URL can’t be used (${reason}): ${message}.`;
}

/** A database that answers, and can’t be this app’s. */
export class UnusableDatabase extends Error {
  override readonly name = "UnusableDatabase";
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const POSTGRES: Readonly<Record<string, string>> = {
  "28P01": "PostgreSQL refuses the user name or the password",
  "28000": "PostgreSQL lets this user in from here in another way only (its pg_hba.conf says how)",
  "3D000": "there is no database of that name on the server; make it with createdb",
  "3F000":
    "the user has no schema to make tables in; grant it CREATE and USAGE on one of its search_path",
  "42501": "the user may not make or read tables there; grant it CREATE and USAGE on its schema",
  "25006": "the server takes no writes: it is a replica; name the primary",
  "53300":
    "the server has no connection left; raise its max_connections or put a pooler in between",
  "57P03": "the server is just starting or stopping; try again",
  "08P01": "the server or the pooler before it refuses the connection; its own log says why",
};

/** By the code of Node’s error. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens at its host and port",
  ENOTFOUND: "its host can’t be found",
  EAI_AGAIN: "its host can’t be looked up just now",
  EHOSTUNREACH: "its host can’t be reached from here",
  ENETUNREACH: "its host can’t be reached from here",
  ETIMEDOUT: "its host doesn’t answer",
  ECONNRESET: "the server hangs up at once",
  ENOENT: "there is no such socket or certificate file",
  ERR_INVALID_URL: "the address can’t be read; write special characters of the password as %XX",
};

const SQLITE: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: "the file is no SQLite database",
  SQLITE_CANTOPEN: "the file can’t be opened",
  SQLITE_READONLY: "the file may not be written to",
  SQLITE_PERM: "the file may not be opened by this user",
  SQLITE_CORRUPT: "the file is damaged; put a backup in its place",
  SQLITE_FULL: "the disk is full",
  SQLITE_IOERR: "the disk can’t be read or written",
  SQLITE_BUSY: "another program holds the file locked",
};

const FILE: Readonly<Record<string, string>> = {
  EACCES: "this user may not make or open the file",
  EPERM: "this user may not make or open the file",
  EISDIR: "it names a folder, not a file",
  ENOTDIR: "a part of its path is a file, not a folder",
  EEXIST: "a part of its path is a file, not a folder",
  EROFS: "the disk may only be read",
  ENOSPC: "the disk is full",
};

/** Tables of ours are there already, but not as this app makes them. */
const NOT_OURS = /^42(P07|701|703|P01|710)$/;
const TAKEN =
  "it holds tables named latchkey_… that this release didn’t make; name another database or schema";

/** What OpenSSL and Node say of a certificate that can’t be trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|ISSUER/;

/**
 * Says in words why the store didn’t open.
 *
 * @returns null for what is no fault of the database or its address: a bug.
 */
export function explainUnopened(error: unknown, engine: "sqlite" | "postgres"): Unopened | null {
  if (error instanceof UnusableDatabase) return unopened(error.reason, error.message);
  if (error instanceof pg.DatabaseError) {
    const code = error.code ?? "";
    const reason = `sqlstate_${code}`;
    if (NOT_OURS.test(code)) return unopened(reason, TAKEN);
    return unopened(reason, POSTGRES[code] ?? `PostgreSQL answers with SQLSTATE ${code}`);
  }
  const sqlite = sqliteCode(error);
  if (sqlite !== null) {
    const [family = ""] = /^SQLITE_[A-Z]+/.exec(sqlite) ?? [];
    const known = SQLITE[family] ?? (family === "SQLITE_ERROR" ? TAKEN : `SQLite says ${sqlite}`);
    return unopened(sqlite.toLowerCase(), known);
  }
  const reason = awayReason(error);
  const code = codeOf(error) || codeOf(causeOf(error));
  if (engine === "sqlite") {
    return code === ""
      ? null
      : unopened("cannot_open", FILE[code] ?? `it can’t be opened (${code})`);
  }
  if (reason === null && code === "") return null;
  if (NO_TLS.test(messageOf(causeOf(error)))) {
    return unopened(
      "tls_not_offered",
      "it asks for TLS by sslmode, which the server doesn’t offer; switch it on there, or use sslmode=disable on a network of your own",
    );
  }
  if (CERTIFICATE.test(code)) {
    return unopened(
      "certificate_refused",
      `the server’s certificate can’t be trusted (${code}); name its authority with sslrootcert=FILE, or use sslmode=no-verify`,
    );
  }
  return unopened(reason ?? "cannot_open", NETWORK[code] ?? "the server doesn’t answer");
}

/** pg’s own words, the only sign that it gives. */
const NO_TLS = /does not support SSL/i;

function unopened(reason: string, message: string): Unopened {
  return { kind: "unavailable", reason, message };
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

import { setTimeout as sleep } from "node:timers/promises";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  type TransactionSettings,
} from "kysely";
import type Database from "libsql";
import { type CallLimit, deadlineOf, timeLeft } from "./call-limit.server";
import { DatabaseAway, sqliteCode } from "./database-error.server";
import { createTurns } from "./turns.server";

/**
 * How long SQLite itself waits for another process’s write. libsql is synchronous, so that the whole
 * process waits with it: any longer wait is done between tries instead.
 */
const BUSY_TIMEOUT_MS = 20;
const RETRY_MS = 15;

/**
 * Foreign keys hold, deleted rows are overwritten, and a commit is on the disk before it is answered
 * (`full`): a sign-out must survive a power cut.
 */
const PRAGMAS = [
  `busy_timeout = ${BUSY_TIMEOUT_MS}`,
  "journal_mode = wal",
  "synchronous = full",
  "foreign_keys = on",
  "secure_delete = on",
];

/**
 * One SQLite connection, used by one call at a time. Kysely’s own driver begins transactions as
 * readers, which two processes can’t both turn into writers, and waits for its turn without end.
 *
 * Nothing is prepared while somebody else may hold the write lock: libsql leaves a statement that
 * found the database busy half open, and until it is collected as garbage this connection stays on
 * an old snapshot, where every further write is refused.
 */
export class SqliteDriver implements Driver {
  readonly #database: Database.Database;
  readonly #limit: CallLimit;
  readonly #isInPlace: () => boolean;
  readonly #turns = createTurns();
  readonly #calls = new WeakMap<DatabaseConnection, { deadline: number; done: () => void }>();

  /** @param isInPlace whether the open file is still the one at its address. */
  constructor(database: Database.Database, limit: CallLimit, isInPlace: () => boolean) {
    this.#database = database;
    this.#limit = limit;
    this.#isInPlace = isInPlace;
  }

  async init(): Promise<void> {
    const deadline = deadlineOf(this.#limit);
    for (const pragma of PRAGMAS) await this.#whenFree(`pragma ${pragma}`, deadline);
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    // What is written to a file that was removed or replaced is lost with this process.
    if (!this.#isInPlace()) throw new DatabaseAway("file_replaced");
    const deadline = deadlineOf(this.#limit);
    const done = await this.#turns.take(timeLeft(deadline));
    if (done === null) throw new DatabaseAway("turn_timeout");
    const connection: DatabaseConnection = {
      executeQuery: (query) => this.#execute(query, deadline),
      streamQuery: () => {
        throw new Error("Nothing is streamed from the store");
      },
    };
    this.#calls.set(connection, { deadline, done });
    return connection;
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#calls.get(connection)?.done();
  }

  async beginTransaction(connection: DatabaseConnection, _: TransactionSettings): Promise<void> {
    const deadline = this.#calls.get(connection)?.deadline ?? deadlineOf(this.#limit);
    await this.#whenFree("begin immediate", deadline);
  }

  async commitTransaction(): Promise<void> {
    this.#database.exec("commit");
  }

  async rollbackTransaction(): Promise<void> {
    // SQLite has rolled back by itself after a full disk and the like.
    if (this.#database.inTransaction) this.#database.exec("rollback");
  }

  async destroy(): Promise<void> {
    if (this.#database.open) this.#database.close();
  }

  /** Readers wait for nobody. A write of its own is a transaction of its own. */
  async #execute<Row>(query: CompiledQuery, deadline: number): Promise<QueryResult<Row>> {
    if (!this.#database.open) throw new DatabaseAway("closed");
    if (this.#database.inTransaction || SelectQueryNode.is(query.query)) {
      return run<Row>(this.#database, query);
    }
    await this.#whenFree("begin immediate", deadline);
    try {
      const result = run<Row>(this.#database, query);
      this.#database.exec("commit");
      return result;
    } catch (error) {
      await this.rollbackTransaction();
      throw error;
    }
  }

  async #whenFree(command: string, deadline: number): Promise<void> {
    for (;;) {
      if (!this.#database.open) throw new DatabaseAway("closed");
      try {
        this.#database.exec(command);
        return;
      } catch (error) {
        const busy = sqliteCode(error)?.startsWith("SQLITE_BUSY") === true;
        if (!busy || timeLeft(deadline) <= 0) throw error;
      }
      await sleep(RETRY_MS);
    }
  }
}

function run<Row>(database: Database.Database, query: CompiledQuery): QueryResult<Row> {
  const statement = database.prepare(query.sql);
  // The row’s shape is what Kysely worked out from the query; SQLite can’t confirm it.
  if (statement.reader) return { rows: statement.all([...query.parameters]) as Row[] };
  const { changes } = statement.run([...query.parameters]);
  return { rows: [], numAffectedRows: BigInt(changes) };
}

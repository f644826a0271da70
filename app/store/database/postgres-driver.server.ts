import type {
  CompiledQuery,
  DatabaseConnection,
  Driver,
  QueryResult,
  TransactionSettings,
} from "kysely";
import pg from "pg";
import { type CallLimit, deadlineOf, timeLeft } from "./call-limit.server";
import { DatabaseAway } from "./database-error.server";

/** PostgreSQL gives up a statement first, so that it doesn’t go on working for nobody. */
const STATEMENT_PART = 0.75;
/** A machine that died inside a transaction doesn’t keep its row locks for longer. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** A pooled connection for the length of one call. */
interface Lease {
  client: pg.PoolClient;
  /** When the call has to be over, on the process’s monotonic timer. */
  deadline: number;
  inTransaction: boolean;
  /** Its state is unknown or it is gone: it isn’t given to the next call. */
  broken: boolean;
  onError: () => void;
}

/**
 * PostgreSQL through pg’s pool. Kysely’s own driver gives a connection back to the pool after a
 * query timed out, still waiting for that answer, and leaves a connection in use without an `error`
 * listener, so that a database restart would end the process.
 *
 * Every statement runs in a transaction, whose first words are its time limits. A pooler refuses them
 * as parameters of the connection (PgBouncer, `08P01`), and where each transaction gets another server
 * a `set` that outlives it would be somebody else’s.
 */
export class PostgresDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #limit: CallLimit;
  readonly #leases = new WeakMap<DatabaseConnection, Lease>();

  constructor(pool: pg.Pool, limit: CallLimit) {
    this.#pool = pool;
    this.#limit = limit;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const client = await takeFrom(this.#pool);
    const lease: Lease = {
      client,
      deadline: deadlineOf(this.#limit),
      inTransaction: false,
      broken: false,
      onError: () => {
        lease.broken = true;
      },
    };
    client.on("error", lease.onError);
    const connection: DatabaseConnection = {
      executeQuery: (query) => execute(lease, query),
      streamQuery: () => {
        throw new Error("Nothing is streamed from the store");
      },
    };
    this.#leases.set(connection, lease);
    return connection;
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const lease = this.#leases.get(connection);
    if (lease === undefined) return;
    this.#leases.delete(connection);
    // The pool puts its own listener back, but a broken connection may have more to say.
    if (!lease.broken) lease.client.off("error", lease.onError);
    lease.client.release(lease.broken);
  }

  async beginTransaction(connection: DatabaseConnection, _: TransactionSettings): Promise<void> {
    await begin(this.#leaseOf(connection));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await end(this.#leaseOf(connection), "commit");
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await end(this.#leaseOf(connection), "rollback");
  }

  #leaseOf(connection: DatabaseConnection): Lease {
    const lease = this.#leases.get(connection);
    if (lease === undefined) throw new Error("This connection was given back");
    return lease;
  }

  async destroy(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }
}

async function takeFrom(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw asAway(error);
  }
}

async function begin(lease: Lease): Promise<void> {
  const left = Math.ceil(timeLeft(lease.deadline) * STATEMENT_PART);
  await say(
    lease,
    `begin; set local statement_timeout = ${Math.max(1, left)};` +
      ` set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
  );
  lease.inTransaction = true;
}

async function end(lease: Lease, how: "commit" | "rollback"): Promise<void> {
  lease.inTransaction = false;
  await say(lease, how);
}

async function execute<Row>(lease: Lease, query: CompiledQuery): Promise<QueryResult<Row>> {
  if (lease.inTransaction) return say(lease, query.sql, query.parameters);
  await begin(lease);
  try {
    const result = await say<Row>(lease, query.sql, query.parameters);
    await end(lease, "commit");
    return result;
  } catch (error) {
    if (!lease.broken) await end(lease, "rollback");
    throw error;
  }
}

async function say<Row>(
  lease: Lease,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<QueryResult<Row>> {
  if (lease.broken) throw new DatabaseAway("connection_lost");
  const left = Math.ceil(timeLeft(lease.deadline));
  if (left <= 0) {
    lease.broken = true;
    throw new DatabaseAway("call_timeout");
  }
  try {
    // pg reads `query_timeout` of a single query too, which its types don’t say.
    const timed = { text, values: [...parameters], query_timeout: left };
    const result = await lease.client.query(timed);
    return { rows: result.rows, numAffectedRows: BigInt(result.rowCount ?? 0) };
  } catch (error) {
    // FATAL: PostgreSQL hangs up after saying so.
    const heard = error instanceof pg.DatabaseError && error.severity !== "FATAL";
    if (!heard) lease.broken = true;
    throw asAway(error);
  }
}

/** What PostgreSQL itself reports stays as it is; anything else went wrong on the way to it. */
function asAway(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) return error;
  const code = error instanceof Error && "code" in error ? error.code : null;
  const reason = typeof code === "string" ? code.toLowerCase() : "connection_failed";
  return new DatabaseAway(reason, { cause: error });
}

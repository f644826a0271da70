import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import pg from "pg";
import { type CallLimit, deadlineOf, timeLeft } from "./call-limit.server";
import { DatabaseAway } from "./database-error.server";

/** A pooled connection for the length of one call. */
interface Lease {
  client: pg.PoolClient;
  /** Its state is unknown or it is gone: it isn't given to the next call. */
  broken: boolean;
  onError: () => void;
}

/**
 * PostgreSQL through pg's pool. Kysely's own driver gives a connection back to the pool after a
 * query timed out, still waiting for that answer, and leaves a connection in use without an `error`
 * listener, so that a database restart would end the process.
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
      broken: false,
      onError: () => {
        lease.broken = true;
      },
    };
    client.on("error", lease.onError);
    const connection = connect(lease, deadlineOf(this.#limit));
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
    await connection.executeQuery(CompiledQuery.raw("begin"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("rollback"));
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

function connect(lease: Lease, deadline: number): DatabaseConnection {
  return {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      if (lease.broken) throw new DatabaseAway("connection_lost");
      const left = Math.ceil(timeLeft(deadline));
      if (left <= 0) {
        lease.broken = true;
        throw new DatabaseAway("call_timeout");
      }
      try {
        // pg reads `query_timeout` of a single query too, which its types don't say.
        const timed = { text: query.sql, values: [...query.parameters], query_timeout: left };
        const result = await lease.client.query(timed);
        return { rows: result.rows, numAffectedRows: BigInt(result.rowCount ?? 0) };
      } catch (error) {
        // FATAL: PostgreSQL hangs up after saying so.
        const heard = error instanceof pg.DatabaseError && error.severity !== "FATAL";
        if (!heard) lease.broken = true;
        throw asAway(error);
      }
    },
    streamQuery: () => {
      throw new Error("Nothing is streamed from the store");
    },
  };
}

/** What PostgreSQL itself reports stays as it is; anything else went wrong on the way to it. */
function asAway(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) return error;
  const code = error instanceof Error && "code" in error ? error.code : null;
  const reason = typeof code === "string" ? code.toLowerCase() : "connection_failed";
  return new DatabaseAway(reason, { cause: error });
}

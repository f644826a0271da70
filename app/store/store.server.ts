import type { Kysely } from "kysely";
import { type Clock, systemClock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import { type Random, systemRandom } from "../config/random.server";
import { createAvailability, type StoreUnavailable } from "./availability.server";
import type { CallLimit } from "./database/call-limit.server";
import { connect } from "./database/connect.server";
import { explainUnopened, type Unopened } from "./database/explain-unopened.server";
import { MIGRATION_MS, migrate } from "./database/migrate.server";
import type { Schema } from "./database/schema.server";
import { createPruning, type Pruning } from "./prune.server";
import { createRateLimits, type RateLimits } from "./rate-limits.server";
import { createRecentEnds, type RecentEnds } from "./recent-ends.server";
import { createRefreshClaims, type RefreshClaims } from "./refresh-claims.server";
import { createRevocations, type Revocations } from "./revocations.server";
import { createSecurityEvents, type SecurityEvents } from "./security-events.server";
import { createSessionEnds, type SessionEnds } from "./session-ends.server";
import { createSessions, type Sessions } from "./sessions.server";
import { createSignIns, type SignIns } from "./sign-ins.server";
import { databaseClock, type StoreParts } from "./store-parts.server";
import { createTokens, type Tokens } from "./tokens.server";
import { createUserChanges, type UserChanges } from "./user-changes.server";
import { createUsers, type Users } from "./users.server";

/**
 * The people and their sessions, in one database for all processes.
 *
 * Every method answers within seconds and says `unavailable` when the database is away; it throws on
 * bugs only. Times are ms since the epoch. What machines have to agree on (order, leases, age) goes by the
 * database’s clock; what a person did when, by the caller’s. A session is named by its id, which the
 * store never keeps.
 */
export interface Store
  extends SignIns,
    Sessions,
    RefreshClaims,
    SessionEnds,
    RecentEnds,
    Tokens,
    Users,
    UserChanges,
    SecurityEvents,
    RateLimits,
    Revocations,
    Pruning {
  /** Whether other processes may work with the same database: PostgreSQL, not SQLite’s file. */
  readonly isShared: boolean;
  /** Whether the database answers, for the readiness check. */
  check(): Promise<{ kind: "available" } | StoreUnavailable>;
  /** For how long the database has failed nobody in this process, in ms; endless when it never has. */
  steadyForMs(): number;
  /** Lets go of the database. Every later call is `unavailable`. */
  close(): Promise<void>;
}

/** - `unavailable`: the database can’t be opened, doesn’t answer, or can’t be this app’s. */
export type OpenStore = { ok: true; store: Store } | { ok: false; error: Unopened };

const CALL_MS = 4000;

/**
 * Opens the store and brings its tables up to date; several processes may do so at once.
 *
 * @param options.databaseUrl `file:…` for SQLite, `postgres://…` for PostgreSQL.
 * @param options.clock of the machine, which SQLite’s file is on; PostgreSQL has its own.
 * @param options.log is told when the database goes away and when it comes back.
 * @param options.callMs the longest that one call may work once it has a connection, in ms.
 */
export async function openStore(options: {
  databaseUrl: string;
  log?: Log;
  random?: Random;
  clock?: Pick<Clock, "now">;
  callMs?: number;
}): Promise<OpenStore> {
  const { callMs = CALL_MS } = options;
  const limit: CallLimit = { ms: MIGRATION_MS };
  const engine = options.databaseUrl.startsWith("file:") ? "sqlite" : "postgres";
  let db: Kysely<Schema> | null = null;
  try {
    db = connect(options.databaseUrl, engine, limit, callMs);
    await migrate(db, engine);
  } catch (error) {
    await db?.destroy();
    // Never what the driver says: it may hold the address, so a password.
    const unopened = explainUnopened(error, engine);
    if (unopened === null) throw error;
    return { ok: false, error: unopened };
  }
  limit.ms = callMs;

  let closing: Promise<void> | null = null;
  const { random = systemRandom, clock = systemClock } = options;
  const { attempt, steadyForMs } = createAvailability(options.log, () => closing !== null, clock);
  const parts: StoreParts = { db, attempt, random, now: databaseClock(engine, clock) };
  const store: Store = {
    ...createSignIns(parts),
    ...createSessions(parts),
    ...createRefreshClaims(parts),
    ...createSessionEnds(parts),
    ...createRecentEnds(parts),
    ...createTokens(parts),
    ...createUsers(parts),
    ...createUserChanges(parts),
    ...createSecurityEvents(parts),
    ...createRateLimits(parts),
    ...createRevocations(parts),
    ...createPruning(parts),
    isShared: engine === "postgres",
    steadyForMs,
    check: () =>
      attempt(async () => {
        await db.selectNoFrom((is) => is.lit(1).as("one")).execute();
        return { kind: "available" };
      }),
    close: () => {
      closing ??= db.destroy();
      return closing;
    },
  };
  return { ok: true, store };
}

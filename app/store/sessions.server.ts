import { hashSessionId } from "../config/id-hash.server";
import type { StoreUnavailable } from "./availability.server";
import { isLive, markedReason } from "./end-marks.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/** A grant’s tokens as the store keeps them; unreadable without the secret. */
export interface SealedTokens {
  access: string;
  refresh: string;
}

/** What the store knows of a session. `sealed` is null when it has ended, or its tokens were forgotten. */
export interface StoredSession {
  kind: "found";
  generation: number;
  sealed: SealedTokens | null;
  /** Why it ended, if it has. */
  endReason: string | null;
  /** What is left of somebody’s right to refresh its grant, in ms; 0 when nobody has it. */
  leaseLeftMs: number;
}

/** `absent`: nobody has signed in with it, in this database. */
type ReadSession = StoredSession | { kind: "absent" } | StoreUnavailable;

/** A place where somebody is signed in, for the account page. Times in ms. */
interface LiveSession {
  /** For forms; gives no access to anything. */
  handle: string;
  /** To mark this device: compare with `hashSessionId`. */
  idHash: string;
  startedAt: number;
  lastSeenAt: number;
  browser: string | null;
  system: string | null;
}

type LiveSessions = { kind: "found"; sessions: LiveSession[] } | StoreUnavailable;

/** Sessions that started and were seen after these moments, in ms: others have reached a limit. */
export interface Within {
  startedAfter: number;
  seenAfter: number;
}

export interface Sessions {
  readSession(id: string): Promise<ReadSession>;
  /** A person’s sessions that haven’t ended, by themselves or by a limit; newest first. */
  listSessions(query: UserKey & Within): Promise<LiveSessions>;
  /**
   * Notes that the session is in use, and tells whether it may be: an older `seenAt` (ms) than the one
   * noted changes nothing.
   */
  touchSession(touch: {
    id: string;
    seenAt: number;
  }): Promise<
    { kind: "live" } | { kind: "ended"; reason: string } | { kind: "absent" } | StoreUnavailable
  >;
}

/** No lease is longer. One that ends later was written by a clock that was wrong (FE-9). */
const LONGEST_LEASE_MS = 60_000;

export function createSessions({ db, attempt, now }: StoreParts): Sessions {
  return {
    readSession: (id) => attempt(() => readStoredSession({ db, now }, hashSessionId(id))),

    listSessions: ({ issuer, sub, startedAfter, seenAfter }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("latchkey_sessions")
          .select(["handle", "id_hash", "started_at", "last_seen_at", "browser", "system"])
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .where(isLive)
          .where("started_at", ">", startedAfter)
          .where("last_seen_at", ">", seenAfter)
          .orderBy("started_at", "desc")
          .orderBy("id_hash")
          .execute();
        const sessions = rows.map((row) => ({
          handle: row.handle ?? "",
          idHash: row.id_hash,
          startedAt: row.started_at,
          lastSeenAt: row.last_seen_at,
          browser: row.browser,
          system: row.system,
        }));
        return { kind: "found", sessions };
      }),

    touchSession: ({ id, seenAt }) =>
      attempt(async () => {
        const idHash = hashSessionId(id);
        const { numUpdatedRows } = await db
          .updateTable("latchkey_sessions")
          .set((is) => ({ last_seen_at: later(is, seenAt) }))
          .where("id_hash", "=", idHash)
          .where(isLive)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) return { kind: "live" };
        const found = await readStoredSession({ db, now }, idHash);
        if (found.kind === "absent") return found;
        return found.endReason === null
          ? { kind: "live" }
          : { kind: "ended", reason: found.endReason };
      }),
  };
}

type Sets = Parameters<typeof isLive>[0];

/**
 * Until when somebody may refresh the grant of the session at hand, whichever of its sessions they began
 * with: of a token that is good for one use only, a second refresh would be the end.
 */
export function grantLease(is: Sets, now: StoreParts["now"]) {
  return is
    .selectFrom("latchkey_sessions as of_grant")
    .select("of_grant.lease_until")
    .whereRef("of_grant.refresh_token_hash", "=", "latchkey_sessions.refresh_token_hash")
    .where("of_grant.lease_until", ">", now())
    .where("of_grant.lease_until", "<=", is(now(), "+", LONGEST_LEASE_MS))
    .limit(1);
}

/** The last use that is known, which never goes back. */
export function later(is: Sets, seenAt: number) {
  return is
    .case()
    .when("last_seen_at", "<", seenAt)
    .then(seenAt)
    .else(is.ref("last_seen_at"))
    .end();
}

export async function readStoredSession(
  { db, now }: Pick<StoreParts, "db" | "now">,
  idHash: string,
): Promise<StoredSession | { kind: "absent" }> {
  const row = await db
    .selectFrom("latchkey_sessions")
    .select((is) => [
      "generation",
      "sealed_access",
      "sealed_refresh",
      "end_reason",
      grantLease(is, now).as("leaseUntil"),
      markedReason(is).as("marked"),
      now().as("now"),
    ])
    .where("id_hash", "=", idHash)
    .executeTakeFirst();
  if (row === undefined) return { kind: "absent" };
  const { sealed_access: access, sealed_refresh: refresh } = row;
  const endReason = row.end_reason ?? row.marked;
  return {
    kind: "found",
    generation: row.generation,
    sealed: endReason === null && access !== null && refresh !== null ? { access, refresh } : null,
    endReason,
    leaseLeftMs: row.leaseUntil === null ? 0 : Math.max(1, row.leaseUntil - row.now),
  };
}

import { hashSessionId } from "../config/id-hash.server";
import type { StoreUnavailable } from "./availability.server";
import type { StoreParts, UserKey } from "./store-parts.server";

/**
 * What the store knows of a session. `sealedTokens` is null when it has ended, or when its tokens
 * were forgotten. A `lease` may have run out: compare `until` (ms).
 */
export interface StoredSession {
  kind: "found";
  generation: number;
  sealedTokens: string | null;
  ended: { reason: string; at: number } | null;
  lease: { holder: string; until: number } | null;
}

/** `absent`: never recorded here, or pruned after its absolute end. */
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

export interface Sessions {
  readSession(id: string): Promise<ReadSession>;
  /** A person's sessions that haven't ended, nor reached their absolute end; newest first. */
  listSessions(query: UserKey & { now: number }): Promise<LiveSessions>;
  /** Notes that the session is in use; an older `now` than the one noted changes nothing. */
  touchSession(touch: { id: string; now: number }): Promise<{ kind: "touched" } | StoreUnavailable>;
}

export function createSessions({ db, attempt }: StoreParts): Sessions {
  return {
    readSession: (id) => attempt(() => readStoredSession(db, hashSessionId(id))),

    listSessions: ({ issuer, sub, now }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("latchkey_sessions")
          .select(["handle", "id_hash", "started_at", "last_seen_at", "browser", "system"])
          .where("issuer", "=", issuer)
          .where("sub", "=", sub)
          .where("ended_at", "is", null)
          .where("expires_at", ">", now)
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

    touchSession: ({ id, now }) =>
      attempt(async () => {
        await db
          .updateTable("latchkey_sessions")
          .set({ last_seen_at: now })
          .where("id_hash", "=", hashSessionId(id))
          .where("ended_at", "is", null)
          .where("last_seen_at", "<", now)
          .execute();
        return { kind: "touched" };
      }),
  };
}

export async function readStoredSession(
  db: StoreParts["db"],
  idHash: string,
): Promise<StoredSession | { kind: "absent" }> {
  const row = await db
    .selectFrom("latchkey_sessions")
    .select([
      "generation",
      "sealed_tokens",
      "ended_at",
      "end_reason",
      "lease_holder",
      "lease_until",
    ])
    .where("id_hash", "=", idHash)
    .executeTakeFirst();
  if (row === undefined) return { kind: "absent" };
  const { ended_at, end_reason, lease_holder, lease_until } = row;
  return {
    kind: "found",
    generation: row.generation,
    sealedTokens: row.sealed_tokens,
    ended: ended_at !== null && end_reason !== null ? { reason: end_reason, at: ended_at } : null,
    lease:
      lease_holder !== null && lease_until !== null
        ? { holder: lease_holder, until: lease_until }
        : null,
  };
}

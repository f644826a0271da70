import { hashSessionId, type Session } from "./app-parts";
import type { Database } from "./database";
import { LIMITS } from "./fleet";
import type { SimulatedGoogle } from "./google";
import type { Kernel } from "./kernel";

/** What really happened to a session, whatever the app says of it. */
interface Known {
  id: string;
  sub: string;
  startedAt: number;
  /** Reasons for an end that have come to pass, and since when. */
  causes: Set<string>;
  /** When its row was seen to have ended; null for a live one. */
  endedInStoreAt: number | null;
  refreshTokens: Set<string>;
  /** The last page that it was seen on. */
  usedAt: number;
}

/** Reasons that concern all sessions of a person’s that began before the work was over. */
interface Concern {
  sub: string | null;
  reason: string;
  spared: string | null;
  until: number;
}

export interface Violation {
  rule: string;
  text: string;
}

/** How far clocks are apart in a run, at most, with what a use is noted late by. */
const SLACK_MS = 120_000;
/** Uses are noted in steps of this. */
const NOTED_EVERY_MS = 300_000;
const KNOWN_EVERYWHERE_MS = 5000;

/** Keeps the true story of a run beside the app’s, and says where they part. */
export function createTruth(
  kernel: Kernel,
  google: () => SimulatedGoogle,
  database: () => Database,
) {
  const sessions = new Map<string, Known>();
  const concerns = new Set<Concern>();
  const violations: Violation[] = [];
  /** Since when the database has been well, as far as all processes can tell. */
  let wellSince = 0;
  let troubleUntil = 0;

  function violate(rule: string, text: string): void {
    violations.push({ rule, text });
    kernel.note(`VIOLATION ${rule}: ${text}`);
  }

  function mayEnd(id: string, session: Session, reason: string): boolean {
    const known = sessions.get(hashSessionId(id));
    if (known === undefined) return false;
    const now = kernel.now();
    if (known.causes.has(reason)) return true;
    for (const { sub, reason: why, spared, until } of concerns) {
      const concerned = (sub === null || sub === known.sub) && spared !== id;
      if (why === reason && concerned && known.startedAt <= until) return true;
    }
    switch (reason) {
      case "idle":
        return (
          now - Math.max(session.lastSeenAt, known.usedAt - NOTED_EVERY_MS) >=
          LIMITS.idleMs - SLACK_MS
        );
      case "absolute":
        return now - session.startedAt >= LIMITS.absoluteMs - SLACK_MS;
      case "grant_revoked":
        return [...known.refreshTokens, session.tokens.refreshToken].some((token) =>
          google().isDead(token),
        );
      case "unknown_session":
        // Rows of what is over by itself are cleared away.
        return now - known.startedAt >= LIMITS.idleMs - SLACK_MS;
      default:
        return false;
    }
  }

  return {
    violations,
    violate,
    began(id: string, sub: string, refreshToken: string | null): void {
      const refreshTokens = new Set(refreshToken === null ? [] : [refreshToken]);
      const fresh = {
        id,
        sub,
        startedAt: kernel.now(),
        causes: new Set<string>(),
        endedInStoreAt: null,
        refreshTokens,
        usedAt: 0,
      };
      sessions.set(hashSessionId(id), fresh);
    },
    held(session: Session): void {
      sessions.get(hashSessionId(session.id))?.refreshTokens.add(session.tokens.refreshToken);
    },
    /** A page of its has arrived, with whatever cookie it brought. */
    used(id: string): void {
      const known = sessions.get(hashSessionId(id));
      if (known && kernel.now() > troubleUntil) known.usedAt = kernel.now();
    },
    /** Something that may end this session has been set going. */
    cause(id: string, reason: string): void {
      sessions.get(hashSessionId(id))?.causes.add(reason);
    },
    /** The same for all sessions of a person’s, or everybody’s, until what is returned is called. */
    concern(sub: string | null, reason: string, spared: string | null = null): () => void {
      const mine = { sub, reason, spared, until: Number.POSITIVE_INFINITY };
      concerns.add(mine);
      return () => {
        mine.until = kernel.now();
      };
    },
    liveOf: (sub: string) =>
      [...sessions].filter(([, known]) => known.sub === sub && known.endedInStoreAt === null),
    /** The database is in trouble now, or was put back: what is promised of it doesn’t hold for a while. */
    trouble(forMs: number): void {
      troubleUntil = Math.max(troubleUntil, kernel.now() + forMs);
      wellSince = Math.max(wellSince, troubleUntil);
    },
    inTrouble: () => kernel.now() <= troubleUntil,
    /** Looks which rows have ended. */
    async look(): Promise<void> {
      for (const known of sessions.values()) {
        if (known.endedInStoreAt !== null) continue;
        if ((await database().rowOf(known.id)) === "ended") known.endedInStoreAt = kernel.now();
      }
    },
    /** The database is another one now: what it knows of ends and sessions it knows anew. */
    async lookAnew(): Promise<void> {
      for (const known of sessions.values()) {
        const found = await database().rowOf(known.id);
        known.endedInStoreAt = null;
        if (found === "absent") known.causes.add("unknown_session");
      }
    },
    /** An answer has taken the session for ended. */
    saidEnded(session: Session | null, reason: string | null, where: string): void {
      if (session === null) return;
      if (reason === null) violate("reason", `${where} gave no reason for an end`);
      else if (!mayEnd(session.id, session, reason)) {
        violate("unasked end", `${where}: ${reason}, which did not happen`);
      }
    },
    /** An answer has taken the session for live. */
    saidLive(session: Session, sentAt: number, serverSince: number, where: string): void {
      const ended = sessions.get(hashSessionId(session.id))?.endedInStoreAt ?? null;
      if (ended === null) return;
      const knownSince = Math.max(ended, wellSince, serverSince) + KNOWN_EVERYWHERE_MS;
      if (sentAt > knownSince)
        violate("served after its end", `${where}, ${sentAt - ended} ms after it`);
    },
  };
}

import type { SessionReport } from "../auth/read-session.server";
import type { EndReason } from "../session/end-reason";
import type { Person } from "./session-report";

/**
 * What a page knows of its session. Times in ms by this browser's clock.
 *
 * - `authenticated`: the server said so. `final`: nothing moves `endsAt` any more. `googleAway`:
 *   Google's access has run out and could not be renewed yet.
 * - `unauthenticated`: the server said so; only the server ends a session, never a clock here.
 * - `unknown`: the server could not be asked since then. What it said last still stands.
 */
export type SessionState = KnownState | { status: "unknown"; since: number; last: KnownState };

export type KnownState =
  | {
      status: "authenticated";
      user: Person;
      features: string[];
      endsAt: number;
      final: boolean;
      googleAway: boolean;
    }
  | { status: "unauthenticated"; reason: EndReason | null };

/** Everything that decides when to ask again. Times in ms by this browser's clock. */
export interface Watch {
  known: KnownState;
  /** When the server said it. */
  knownAt: number;
  triedAt: number;
  /** Reads in a row that came to nothing: no answer, or no access to Google. */
  failures: number;
  unknownSince: number | null;
  /** What another tab heard of the end. The server tells the reason once, to whoever asks first. */
  hint: EndReason | null;
  /** By the server's clock; null where nobody is signed in. */
  absoluteEndsAt: number | null;
}

/** What the server said when it made the page. Times in ms by the server's clock. */
export interface PageSeed {
  report: SessionReport;
  absoluteEndsAt: number | null;
  now: number;
}

export type WatchEvent =
  | { type: "seeded"; seed: PageSeed; at: number }
  /** An answer to this tab, or to another one that passed it on. `now`: the server's, if it told. */
  | { type: "answered"; report: SessionReport; now: number | null; askedAt: number; at: number }
  | { type: "failed"; at: number }
  /** The timer rang for what was due at `dueAt`. */
  | { type: "woke"; dueAt: number; at: number }
  /** The person looks at the page again. */
  | { type: "focused"; at: number }
  /** The network is back, or the page is, from the back/forward cache. */
  | { type: "restored"; at: number };

export interface Step {
  watch: Watch;
  /** Whether the server is to be asked now. */
  read: boolean;
}

/** Looking again within this has been looked at already: focus and visibility come in pairs. */
const GLANCE_MS = 1000;

export function beginWatch(seed: PageSeed, at: number): Watch {
  const blank: Watch = {
    known: { status: "unauthenticated", reason: null },
    knownAt: at,
    triedAt: at,
    failures: 0,
    unknownSince: null,
    hint: null,
    absoluteEndsAt: null,
  };
  return step(blank, { type: "seeded", seed, at }).watch;
}

/** The watch after an event. Pure; nothing but an answer of the server's signs anybody in or out. */
export function step(watch: Watch, event: WatchEvent): Step {
  const { at } = event;
  switch (event.type) {
    case "seeded": {
      const { report, now, absoluteEndsAt } = event.seed;
      return { watch: learn({ ...watch, absoluteEndsAt }, report, now, at), read: false };
    }
    case "answered": {
      const { report, now, askedAt } = event;
      // An answer asked for before the last one came may be older news. Where the clock was set
      // back, order can't be told, and the answer at hand is the best there is.
      const newest = askedAt >= watch.knownAt || at < watch.knownAt;
      if (newest) return { watch: learn(watch, report, now, at), read: false };
      const hint = report.status === "unauthenticated" ? report.reason : null;
      const differs = identity(report) !== identity(watch.known);
      return { watch: { ...watch, hint: hint ?? watch.hint }, read: differs };
    }
    case "failed": {
      const unknownSince = watch.unknownSince ?? at;
      return {
        watch: { ...watch, triedAt: at, failures: watch.failures + 1, unknownSince },
        read: false,
      };
    }
    case "woke":
      return { watch, read: at >= event.dueAt || at < watch.triedAt };
    case "focused":
      return { watch, read: Math.abs(at - watch.triedAt) >= GLANCE_MS };
    case "restored":
      return { watch, read: true };
  }
}

/** What the page may be told. */
export function stateOf({ known, unknownSince }: Watch): SessionState {
  return unknownSince === null ? known : { status: "unknown", since: unknownSince, last: known };
}

/** What the server said last, also while it can't be asked. */
export function lastKnown(state: SessionState): KnownState {
  return state.status === "unknown" ? state.last : state;
}

function identity(known: SessionReport | KnownState): string {
  return known.status === "authenticated" ? `in ${known.user.id}` : "out";
}

function learn(watch: Watch, report: SessionReport, now: number | null, at: number): Watch {
  const known = knownFrom(watch, report, now ?? at, at);
  const away = known.status === "authenticated" && known.googleAway;
  return {
    ...watch,
    known,
    knownAt: at,
    triedAt: at,
    failures: away ? watch.failures + 1 : 0,
    unknownSince: null,
    hint: known.status === "authenticated" ? null : watch.hint,
  };
}

function knownFrom(watch: Watch, report: SessionReport, now: number, at: number): KnownState {
  const { known, absoluteEndsAt } = watch;
  if (report.status === "authenticated") {
    const { user, features, expiresAt, accessTokenExpiresAt } = report;
    return {
      status: "authenticated",
      user,
      features,
      endsAt: at + expiresAt - now,
      final: absoluteEndsAt !== null && expiresAt >= absoluteEndsAt,
      googleAway: accessTokenExpiresAt <= now,
    };
  }
  // The browser drops the cookie by itself at the limit, and the server then knows of no reason.
  const reached = known.status === "authenticated" && at >= known.endsAt - GLANCE_MS;
  const limit = reached ? (known.final ? "absolute" : "idle") : null;
  const before = known.status === "unauthenticated" ? known.reason : null;
  return { status: "unauthenticated", reason: report.reason ?? watch.hint ?? limit ?? before };
}

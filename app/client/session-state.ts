import type { PageSeed } from "../auth/seed-page.server";
import type { Report, TabMessage } from "./session-report";

/**
 * What a page knows of its session: the server’s report, whose times are by the server’s clock, and
 * what follows from it, by this browser’s, in ms.
 *
 * - `authenticated`: the server said so. `final`: nothing moves `endsAt` any more. `googleAway`:
 *   Google’s access has run out and could not be renewed yet.
 * - `unauthenticated`: the server said so; only the server ends a session, never a clock here.
 * - `unknown`: nobody could tell since then, after so many failed reads. What was said last still
 *   stands. `restored`: the page came back from the back/forward cache and has not been told yet
 *   whether it may be seen.
 */
export type SessionState =
  | KnownState
  | { status: "unknown"; since: number; last: KnownState; failures: number; restored: boolean };

export type KnownState =
  | (Extract<Report, { status: "authenticated" }> & {
      endsAt: number;
      final: boolean;
      googleAway: boolean;
    })
  | Extract<Report, { status: "unauthenticated" }>;

/** Everything that decides when to ask again. Times in ms by this browser’s clock. */
export interface Watch {
  known: KnownState;
  /** When the server said it. */
  knownAt: number;
  /** The same by the server’s clock; 0 where it didn’t tell. */
  now: number;
  /** When news came that it may be so no more; 0: none has. Only what is asked for after it counts. */
  doubtedAt: number;
  triedAt: number;
  /** Reads in a row that came to nothing: no answer, or no access to Google. */
  failures: number;
  unknownSince: number | null;
  /** Put away for the back button, and not asked again since. */
  restored: boolean;
  /** What this tab or another heard of the end. The server tells the reason once, to whoever asks first. */
  hint: string | null;
}

type Answer = Omit<TabMessage, "askedAt">;

export type WatchEvent =
  /** The server’s word: with the page, to this tab, or to another one that passed it on. */
  | ({ type: "answered" } & TabMessage)
  | { type: "failed" }
  /** The timer rang for what was due at `dueAt`. */
  | { type: "woke"; dueAt: number }
  /** The person looks at the page again. */
  | { type: "focused" }
  /** The page goes into the back/forward cache. */
  | { type: "hidden" }
  /** The network is back, or the page is, from the back/forward cache. */
  | { type: "restored" };

export interface Step {
  watch: Watch;
  /** Whether the server is to be asked now. */
  read: boolean;
}

/** Looking again within this is one look: focus and visibility come in pairs. */
const GLANCE_MS = 250;
/** How precisely the end is known here: the server’s `Date` has whole seconds. */
const PRECISION_MS = 1000;

export function beginWatch(seed: PageSeed, at: number): Watch {
  const known: KnownState = { status: "unauthenticated", reason: null };
  return learn({ known, failures: 0, hint: null }, seed, at);
}

/** The watch after an event at `at`, ms by this browser’s clock. Pure; nothing but an answer of the server’s signs anybody in or out. */
export function step(watch: Watch, event: WatchEvent, at: number): Step {
  const unknownSince = watch.unknownSince ?? at;
  switch (event.type) {
    case "answered": {
      const { report, askedAt } = event;
      // An answer asked for before the last one came, or before the news that it is out of date, may be
      // older. Where the clock was set back, order can’t be told, and it is the best there is.
      const newest = askedAt >= Math.max(watch.knownAt, watch.doubtedAt) || at < watch.knownAt;
      if (newest) return { watch: learn(watch, event, at), read: false };
      const hint = report.status === "unauthenticated" ? report.reason : null;
      const differs = gist(report) !== gist(watch.known);
      const doubtedAt = differs ? at : watch.doubtedAt;
      return { watch: { ...watch, hint: hint ?? watch.hint, doubtedAt }, read: doubtedAt > 0 };
    }
    case "failed":
      return {
        watch: { ...watch, triedAt: at, failures: watch.failures + 1, unknownSince },
        read: false,
      };
    case "woke":
      // A long wait takes several timers: the next one is planned for whatever is new.
      return at >= event.dueAt || at < watch.triedAt
        ? { watch, read: true }
        : { watch: { ...watch }, read: false };
    case "focused":
      return { watch: { ...watch, triedAt: at }, read: Math.abs(at - watch.triedAt) >= GLANCE_MS };
    case "hidden":
      return { watch: { ...watch, unknownSince, restored: true }, read: false };
    case "restored":
      return { watch, read: true };
  }
}

/** What the page may be told. */
export function stateOf({ known, unknownSince, failures, restored }: Watch): SessionState {
  return unknownSince === null
    ? known
    : { status: "unknown", since: unknownSince, last: known, failures, restored };
}

/** What the server said last, also while it can’t be asked. */
export function lastKnown(state: SessionState): KnownState {
  return state.status === "unknown" ? state.last : state;
}

/** What makes it worth asking: another person, an end, a new session, a longer stay. */
function gist(known: Report | KnownState): string {
  return known.status === "authenticated" ? known.user.id + known.expiresAt : "";
}

/** What is left of what was known when the server has spoken. */
type Before = Pick<Watch, "known" | "failures" | "hint">;

function learn(before: Before, answer: Answer, at: number): Watch {
  const known = knownFrom(before, answer, at);
  const away = known.status === "authenticated" && known.googleAway;
  return {
    known,
    knownAt: at,
    now: Number(answer.now),
    doubtedAt: 0,
    triedAt: at,
    failures: away ? before.failures + 1 : 0,
    unknownSince: null,
    restored: false,
    hint: known.status === "authenticated" ? null : known.reason,
  };
}

function knownFrom({ known, hint }: Before, answer: Answer, at: number): KnownState {
  const { report, final } = answer;
  const now = answer.now ?? at;
  if (report.status === "authenticated") {
    return {
      ...report,
      endsAt: at + report.expiresAt - now,
      final,
      googleAway: report.accessTokenExpiresAt <= now,
    };
  }
  // The browser drops the cookie by itself at the limit, and the server then knows of no reason.
  const reached = known.status === "authenticated" && at >= known.endsAt - PRECISION_MS;
  const limit = reached ? (known.final ? "absolute" : "idle") : null;
  return { status: "unauthenticated", reason: report.reason ?? hint ?? limit };
}

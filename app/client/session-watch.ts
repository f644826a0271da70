import type { PageSeed } from "../auth/seed-page.server";
import { nextReadAt, timerMs } from "./next-read";
import { parseReport, parseTabMessage, type TabMessage } from "./session-report";
import { beginWatch, type SessionState, stateOf, step, type WatchEvent } from "./session-state";

/** A window, as far as a session is watched through it; all of time, chance and network come from it. */
export interface Surroundings
  extends Pick<Window, "fetch" | "clearTimeout" | "addEventListener" | "removeEventListener"> {
  setTimeout(ring: () => void, ms: number): number;
  Date: Pick<DateConstructor, "now" | "parse">;
  Math: Pick<Math, "random">;
  document: Pick<Document, "visibilityState">;
  /** Locks are absent on plain http and in old browsers: each tab then asks by itself. */
  navigator: { locks?: Pick<LockManager, "request"> };
  BroadcastChannel?: typeof BroadcastChannel;
}

export interface SessionWatch {
  state(): SessionState;
  subscribe(listener: () => void): () => void;
  /** Takes over what came with the page, and lets other tabs know that there may be news. */
  seed(seed: PageSeed): void;
  /** Asks now, or posts `use`: a use of the session, which moves the idle limit. */
  check(use?: RequestInit): void;
  /** Watches until the function that it returns is called. */
  start(around: Surroundings): () => void;
}

/** With the number of what is said under it. */
const NAME = "latchkey-session-2";
/** How long an answer may take; a tab waits twice as long for another one that asks. */
const PATIENCE_MS = 10_000;

/** Keeps one page’s knowledge of the session up to date. Quiet until started. */
export function createSessionWatch(seed: PageSeed, now: number, intervalMs: number): SessionWatch {
  const times = { intervalMs, noticeMs: seed.noticeMs };
  const listeners = new Set<() => void>();
  let watch = beginWatch(seed, now);
  let state = stateOf(watch);
  let around: Surroundings | null = null;
  let channel: BroadcastChannel | undefined;
  let timer = 0;
  let asking: AbortController | null = null;

  function take(event: WatchEvent): void {
    if (!around) return;
    const next = step(watch, event, around.Date.now());
    if (next.watch !== watch) {
      watch = next.watch;
      state = stateOf(watch);
      plan();
      for (const listener of listeners) listener();
    }
    if (next.read) read();
  }

  function plan(): void {
    if (!around) return;
    const dueAt = nextReadAt(watch, times, around.Math.random());
    around.clearTimeout(timer);
    timer = around.setTimeout(
      () => take({ type: "woke", dueAt }),
      timerMs(dueAt, around.Date.now()),
    );
  }

  /** One of all tabs asks at a time and tells the rest, which then have no need to. */
  function read(): void {
    if (!around || asking) return;
    const { locks } = around.navigator;
    if (!locks) return void ask();
    const { knownAt } = watch;
    const { signal } = begin(2 * PATIENCE_MS);
    const turn = () => {
      asking = null;
      if (watch.knownAt === knownAt || watch.doubtedAt) return ask();
    };
    locks.request(NAME, { signal }, turn).catch(turn);
  }

  async function ask(use?: RequestInit): Promise<void> {
    if (!around) return;
    const { Date: clock } = around;
    const mine = begin(PATIENCE_MS);
    const askedAt = clock.now();
    const answer = await around
      .fetch("/api/session", { ...use, signal: mine.signal })
      .then(async (response) => {
        const report = parseReport(await response.json());
        const now = clock.parse(response.headers.get("Date") ?? "") || null;
        const final = response.headers.get("Session-Final") === "?1";
        return report && { report, final, now, askedAt };
      })
      .catch(() => null);
    if (asking === mine) asking = null;
    // Stopped meanwhile: nobody wants to know any more.
    if (!around) return;
    // The others first: they are to have heard of it when it is their turn.
    if (answer) channel?.postMessage(answer);
    take(answer ? { type: "answered", ...answer } : { type: "failed" });
  }

  /** What is aborted when it takes too long, or the page goes. */
  function begin(patienceMs: number): AbortController {
    const mine = new AbortController();
    around?.setTimeout(() => mine.abort(), patienceMs);
    asking = mine;
    return mine;
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    seed(seed) {
      // Nobody knows when it was asked for: perhaps before what this page has heard since.
      const isOld = seed.now < watch.now || watch.doubtedAt;
      if (around) take({ type: "answered", ...seed, askedAt: isOld ? 0 : around.Date.now() });
      const message: TabMessage = { ...seed, askedAt: 0 };
      channel?.postMessage(message);
    },
    check(use) {
      if (use) void ask(use);
      else read();
    },
    start(window) {
      const listening = new AbortController();
      const restore = () => take({ type: "restored" });
      const look = () => {
        if (window.document.visibilityState === "visible") take({ type: "focused" });
      };

      /** An open channel, a timer or a request would keep the page out of the back/forward cache. */
      function close(): void {
        channel?.close();
        window.clearTimeout(timer);
        asking?.abort();
        asking = around = null;
      }

      function open(): void {
        around = window;
        channel = window.BroadcastChannel && new window.BroadcastChannel(NAME);
        if (channel) {
          channel.onmessage = ({ data }) => {
            const message = parseTabMessage(data);
            if (message) take({ type: "answered", ...message });
          };
        }
        plan();
      }

      const heard: Record<string, (event: Event & { persisted?: boolean }) => void> = {
        focus: look,
        // Of the document, whose events come by here.
        visibilitychange: look,
        online: restore,
        pagehide({ persisted }) {
          if (persisted) take({ type: "hidden" });
          close();
        },
        pageshow({ persisted }) {
          if (!persisted) return;
          open();
          restore();
        },
      };
      for (const [type, act] of Object.entries(heard)) {
        window.addEventListener(type, act, { signal: listening.signal });
      }
      open();
      return () => {
        listening.abort();
        close();
      };
    },
  };
}

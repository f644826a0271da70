import type { SessionReport } from "../../../app/auth/read-session.server";
import type { PageSeed } from "../../../app/auth/seed-page.server";
import { INTERVAL_MS } from "../../../app/client/next-read";
import {
  createSessionWatch,
  type SessionWatch,
  type Surroundings,
} from "../../../app/client/session-watch";

export interface Tab {
  watch: SessionWatch;
  window: EventTarget;
  document: { visibilityState: string };
  /** Fires at the tab’s window. `persisted` is for events of the back/forward cache. */
  fire(type: string, persisted?: boolean): void;
  close(): void;
}

/** One browser with several tabs, and the server that they ask; Vitest’s timers are its time. */
export class BrowserFake {
  /** What the server answers; null: it can’t be reached. */
  answer: SessionReport | null;
  /** Whether it says that nothing moves the session’s end. */
  final = false;
  /** Asks of all tabs, by method. */
  asked: string[] = [];
  readonly #channels = new Set<OpenChannel>();
  /** Held until this settles. */
  #lock: Promise<unknown> = Promise.resolve();

  constructor(answer: SessionReport) {
    this.answer = answer;
  }

  /** How many channels are open. */
  get channels(): number {
    return this.#channels.size;
  }

  openTab(
    seed: PageSeed,
    { intervalMs = INTERVAL_MS, without = [] }: { intervalMs?: number; without?: string[] } = {},
  ): Tab {
    const document = { visibilityState: "visible" };
    const window = Object.assign(new EventTarget(), {
      fetch: (_: unknown, init?: RequestInit) => this.fetch(init),
      setTimeout: (ring: () => void, ms: number) => Number(setTimeout(ring, ms)),
      clearTimeout: (timer: number) => clearTimeout(timer),
      Date,
      Math: { random: () => 0.5 },
      document,
      navigator: without.includes("locks") ? {} : { locks: { request: this.#request } },
      ...(!without.includes("channel") && { BroadcastChannel: this.#channelClass() }),
    });
    const watch = createSessionWatch(seed, Date.now(), intervalMs);
    const close = watch.start(window as unknown as Surroundings);
    watch.seed(seed);
    const fire = (type: string, persisted = false) => {
      window.dispatchEvent(Object.assign(new Event(type), { persisted }));
    };
    return { watch, window, document, fire, close };
  }

  /** Says something on the channel, as any script of this origin could. */
  post(data: unknown): void {
    for (const channel of this.#channels) channel.onmessage?.({ data } as MessageEvent);
  }

  /** What the network does with a request. */
  fetch = async (init: RequestInit | undefined): Promise<Response> => {
    this.asked.push(init?.method ?? "GET");
    const { answer, final } = this;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (answer === null) throw new TypeError("Failed to fetch");
    const headers = {
      Date: new Date().toUTCString(),
      "Session-Final": final ? "?1" : "?0",
    };
    return Response.json(answer, { headers });
  };

  readonly #request = ((_name, { signal }, act) => {
    const turn = this.#lock.then(() => {
      signal?.throwIfAborted();
      return act({ name: "lock", mode: "exclusive" });
    });
    this.#lock = turn.catch(() => {});
    return turn;
  }) as LockManager["request"];

  /** The class of this browser’s channels. */
  #channelClass() {
    const channels = this.#channels;
    return class implements OpenChannel {
      onmessage: ((event: MessageEvent) => void) | null = null;

      constructor() {
        channels.add(this);
      }

      postMessage(data: unknown) {
        for (const other of channels) {
          if (other !== this) queueMicrotask(() => other.onmessage?.({ data } as MessageEvent));
        }
      }

      close() {
        channels.delete(this);
      }
    };
  }
}

interface OpenChannel {
  onmessage: ((event: MessageEvent) => void) | null;
}

import type { PageSeed } from "../../../app/auth/seed-page.server";
import type { Kernel } from "../kernel";
import type { Client } from "./client-code";
import type { Locks } from "./locks";
import { NOTICE_MS, type Said, type ServerModel } from "./server";

type Watch = ReturnType<Client["createSessionWatch"]>;

/** What a tab’s browser knows of a page: for whom it was made, and a form that somebody writes in. */
interface Page {
  path: string;
  who: string | null;
  isPrivate: boolean;
  form: FormFake | null;
  watch: Watch;
  close(): void;
}

type Listener = (event: Event) => void;

interface FormFake {
  dataset: { kept: string };
  elements: { name: string; type: string; value: string; checked: boolean; hidden: boolean }[];
}

export type Fault =
  | "none"
  | "lost request"
  | "lost answer"
  | "hangs"
  | "hotel"
  | "failure"
  | "slow request"
  | "slow answer";

export interface World {
  kernel: Kernel;
  client: Client;
  server: ServerModel;
  locks: Locks;
  channels: Set<{ tab: Tab; hear(data: unknown): void }>;
  /** The machine’s clock, which all its tabs share. */
  clock: { now(): number };
  fault(): Fault;
  /** Which answer a report came with. */
  numbers: WeakMap<object, Said>;
  note(text: string): void;
  /** Something has happened that never may. */
  fail(what: string): void;
}

const PRIVATE = new Set(["/agenda", "/dashboard"]);

/** One tab: its pages one after the other, and what it was told. It does what `session-frame` does. */
export class Tab {
  page: Page | null = null;
  hidden = false;
  /** The newest that the server has told this page, and what it shows. */
  told: Said | null = null;
  shown: Said | null = null;
  /** Reads of this page that are under way, waiting for the lock included. */
  reads = { underWay: 0 };
  /** What was written here and may not be lost. */
  written: { who: string; text: string } | null = null;
  #sending = 0;
  /** How many presses have led to a request. */
  sent = 0;
  readonly storage = new Map<string, string>();
  #listeners = new EventTarget();
  /** What listens at the page’s document. */
  #document = new Map<string, Listener>();
  #stopKeeping: (() => void) | undefined;
  #reaction = "none";
  #delivering: Said | null = null;
  #known: unknown = null;
  #loads = 0;

  readonly name: string;
  readonly world: World;

  constructor(name: string, world: World) {
    this.name = name;
    this.world = world;
  }

  /** Opens an address as a whole page. What the page before held in memory goes with it. */
  async load(path: string, act?: () => void): Promise<void> {
    const { world } = this;
    this.leave();
    const load = ++this.#loads;
    const said = await this.#ask(() => {
      act?.();
      return world.server.say(true);
    });
    if (load !== this.#loads) return;
    // The browser’s own page of an error: the person tries again later.
    if (said === null) return;
    this.#open(said.who === null && PRIVATE.has(path) ? "/login" : path, said);
  }

  /** What an action or a loader brings into the page that is there. @returns whether it came. */
  async #revalidate(): Promise<void> {
    const { page } = this;
    if (!page) return;
    const said = await this.#ask(() => this.world.server.say(true));
    if (this.page !== page) return;
    if (said === null) return this.within(() => this.world.client.recallForms("lost"));
    if (said.who === null && page.isPrivate) return this.load("/login");
    this.#hear(said);
    page.who = said.who;
    page.watch.seed(this.#seed(said));
    this.settle();
  }

  #open(path: string, said: Said): void {
    const { client, clock } = this.world;
    const watch = client.createSessionWatch(this.#seed(said), clock.now(), client.INTERVAL_MS);
    const isPrivate = PRIVATE.has(path);
    const form = path === "/agenda" ? newForm() : null;
    this.told = this.shown = this.#delivering = said;
    this.#known = client.lastKnown(watch.state());
    this.#reaction = "none";
    this.page = { path, who: said.who, isPrivate, form, watch, close: () => {} };
    watch.subscribe(() => this.#changed());
    this.page.close = watch.start(this.#surroundings());
    watch.seed(this.#seed(said));
    this.settle();
    const { who } = said;
    if (who !== null) {
      this.within(() => {
        this.#stopKeeping = client.keepSentForms(path, who);
      });
    }
  }

  leave(): void {
    this.within(() => this.#stopKeeping?.());
    this.#stopKeeping = undefined;
    this.page?.close();
    this.page = null;
    this.#sending = 0;
    this.hidden = false;
    this.told = this.shown = null;
    this.#listeners = new EventTarget();
    this.#document = new Map();
    this.world.kernel.stop(this.name);
    this.world.locks.drop(this.name);
  }

  fire(type: string, persisted = false): void {
    this.#listeners.dispatchEvent(Object.assign(new Event(type), { persisted }));
  }

  write(text: string): void {
    const { form, who } = this.page ?? {};
    const field = form?.elements[0];
    if (!field || !who) return;
    field.value = text;
    // What is typed on while a form is on its way is not promised to stay; the form as it was sent is.
    if (this.#sending === 0) this.written = { who, text };
  }

  /** Presses the button; a press that the page drops sends nothing. */
  async submit(): Promise<void> {
    const { page, world } = this;
    const form = page?.form;
    if (!page || !form || !page.who) return;
    const madeFor = page.who;
    let dropped = false;
    const event = {
      timeStamp: world.clock.now(),
      target: form,
      preventDefault: () => {
        dropped = true;
      },
      stopPropagation: () => {},
    };
    this.within(() => this.#document.get("submit")?.(event as unknown as Event));
    if (dropped) return world.note(`${this.name}: a second press is dropped`);
    this.sent += 1;
    this.#sending += 1;
    await this.#send(page, madeFor);
    if (this.page === page) this.#sending -= 1;
  }

  async #send(page: Page, madeFor: string): Promise<void> {
    const { world } = this;
    let done = false;
    const said = await this.#ask(() => {
      const answer = world.server.say(true);
      // The server takes a form only from the person whom its page was made for (FE-24).
      done = answer.who === madeFor;
      return answer;
    });
    if (this.page !== page) return;
    if (said === null) {
      this.within(() => world.client.recallForms("lost"));
      return;
    }
    if (done) {
      this.written = null;
      page.form = newForm();
      this.#hear(said);
      page.watch.seed(this.#seed(said));
      this.settle();
    } else if (said.who !== null) {
      this.written = null;
      await this.load(page.path);
    } else await this.#redirectToSignIn(page);
  }

  /** By a script, so that a lost network leaves a page that says so in the place of this one. */
  async #redirectToSignIn(page: Page): Promise<void> {
    const said = await this.#ask(() => this.world.server.say(true));
    if (this.page !== page) return;
    page.form = null;
    if (said === null) return this.within(() => this.world.client.recallForms("lost"));
    page.path = said.who === null ? "/login" : page.path;
    page.isPrivate = PRIVATE.has(page.path);
    page.who = said.who;
    this.#hear(said);
    page.watch.seed(this.#seed(said));
    this.settle();
  }

  /** As `useKeptForms` does when a page has come up. */
  settle(): void {
    const { page } = this;
    if (!page) return;
    const { client } = this.world;
    if (page.path === "/login") this.within(() => client.recallForms("unsent"));
    else {
      const { path, who } = page;
      const restored = this.within(() => client.settleForms({ path, who }));
      if (restored) this.world.note(`${this.name}: what was ${restored} is put back`);
      // What somebody else’s page finds is gone, as it is nobody else’s to see.
      if (page.who !== null && page.who !== this.written?.who) this.written = null;
    }
  }

  /** Runs code that reads the page’s document and storage. */
  within<Result>(work: () => Result): Result {
    const globals = globalThis as { document?: unknown; sessionStorage?: unknown };
    const form = this.page?.form;
    globals.document = {
      forms: form ? [form] : [],
      addEventListener: (type: string, listener: Listener) => this.#document.set(type, listener),
      removeEventListener: (type: string) => this.#document.delete(type),
    };
    globals.sessionStorage = {
      getItem: (key: string) => this.storage.get(key) ?? null,
      setItem: (key: string, value: string) => void this.storage.set(key, value),
      removeItem: (key: string) => void this.storage.delete(key),
    };
    try {
      return work();
    } finally {
      delete globals.document;
      delete globals.sessionStorage;
    }
  }

  #seed(said: Said): PageSeed {
    this.world.numbers.set(said.report, said);
    return { report: said.report, final: false, now: said.now, noticeMs: NOTICE_MS, madeFor: null };
  }

  /** As `useReaction` does whenever the session has changed. */
  #changed(): void {
    const { page, world } = this;
    if (!page) return;
    const state = page.watch.state();
    const { client } = world;
    const known = client.lastKnown(state);
    if (known !== this.#known) {
      this.#known = known;
      this.shown = this.#delivering;
      if (known.status === "unauthenticated" && this.#delivering?.who !== null) {
        world.fail(`${this.name} shows nobody, and no answer has said so`);
      }
    }
    const reaction = client.reactionTo(state, { pageUserId: page.who, isPrivate: page.isPrivate });
    const before = this.#reaction;
    this.#reaction = reaction;
    const isBack = reaction === "none" && before === "ask";
    if (reaction === before) return;
    world.note(`${this.name}: ${page.path} of ${page.who ?? "nobody"} ${reaction}`);
    const { who } = page;
    if (isBack && who !== null) this.within(() => client.keepForms(page.path, who));
    if (reaction === "revalidate" || isBack) void this.#revalidate();
    // Nothing private stays in memory: what was typed goes too.
    if (reaction === "reload" || reaction === "leave") {
      this.written = null;
      void this.load(reaction === "reload" ? page.path : "/login");
    }
  }

  #hear(said: Said | undefined): void {
    if (!said) return;
    this.#delivering = said;
    if (said.number > (this.told?.number ?? 0)) this.told = said;
  }

  /** Asks the server by way of a network that may fail; null where no answer of its comes back. */
  async #ask(act: () => Said, signal?: AbortSignal): Promise<Said | null> {
    const { kernel, note } = this.world;
    const fault = this.world.fault();
    if (fault !== "none") note(`${this.name}: network ${fault}`);
    await kernel.wait(this.name, "request", fault === "slow request" ? 4000 : 20, signal);
    if (fault === "hangs") await kernel.wait(this.name, "hangs", 60_000, signal);
    if (signal?.aborted || fault === "lost request" || fault === "hangs") return null;
    if (fault === "hotel" || fault === "failure") return null;
    const said = act();
    await kernel.wait(this.name, "answer", fault === "slow answer" ? 4000 : 20, signal);
    return signal?.aborted || fault === "lost answer" ? null : said;
  }

  #surroundings(): Parameters<Watch["start"]>[0] {
    const { kernel, clock, locks, channels, numbers, server } = this.world;
    const reads = { underWay: 0 };
    this.reads = reads;
    const timers = new Map<number, AbortController>();
    const around = {
      fetch: async (_: unknown, init: RequestInit = {}) => {
        reads.underWay += 1;
        try {
          const isUse = init.method === "POST";
          const said = await this.#ask(() => server.say(isUse), init.signal ?? undefined);
          if (said === null) throw new TypeError("Failed to fetch");
          const headers = new Headers({
            Date: new Date(said.now).toUTCString(),
            "Session-Final": "?0",
          });
          numbers.set(said.report, said);
          const json = async () => {
            this.#hear(said);
            return said.report;
          };
          return { headers, json };
        } finally {
          reads.underWay -= 1;
        }
      },
      setTimeout: (ring: () => void, ms: number) => {
        const controller = new AbortController();
        const id = timers.size + 1;
        timers.set(id, controller);
        void kernel.wait(this.name, "timer", ms, controller.signal).then(() => {
          if (!controller.signal.aborted) ring();
        });
        return id;
      },
      clearTimeout: (id: number) => timers.get(id)?.abort(),
      Date: { now: clock.now, parse: Date.parse },
      Math: { random: () => kernel.tape.draw("jitter:read", 16) / 16 },
      document: { visibilityState: "visible" },
      navigator: {
        locks: locks.of(this.name, (by) => {
          reads.underWay += by;
        }),
      },
      BroadcastChannel: this.#channelClass(channels),
      addEventListener: (
        type: string,
        listener: EventListener,
        options?: AddEventListenerOptions,
      ) => this.#listeners.addEventListener(type, listener, options),
      removeEventListener: () => {},
    };
    return around as unknown as Parameters<Watch["start"]>[0];
  }

  #channelClass(channels: World["channels"]) {
    const tab = this;
    const { kernel, numbers } = this.world;
    return class {
      onmessage: ((event: { data: unknown }) => void) | null = null;
      readonly #mine = { tab, hear: (data: unknown) => this.onmessage?.({ data }) };
      /** What one tab says reaches another in the order in which it was said. */
      readonly #sent = new Map<object, Promise<void>>();

      constructor() {
        channels.add(this.#mine);
      }

      postMessage(data: { report: object }) {
        for (const other of channels) {
          if (other === this.#mine) continue;
          const before = this.#sent.get(other) ?? Promise.resolve();
          const arrives = kernel.wait(other.tab.name, "message", 1);
          const heard = Promise.all([before, arrives]).then(() => {
            if (!channels.has(other)) return;
            other.tab.#hear(numbers.get(data.report));
            other.hear(data);
          });
          this.#sent.set(other, heard);
        }
      }

      close() {
        channels.delete(this.#mine);
      }
    };
  }
}

function newForm(): FormFake {
  const field = { name: "title", type: "text", value: "", checked: false, hidden: false };
  return { dataset: { kept: "event" }, elements: [field] };
}

import { createKernel } from "../kernel";
import type { Tape } from "../tape";
import { CLIENT, type Client } from "./client-code";
import { Locks } from "./locks";
import { ServerModel } from "./server";
import { type Fault, Tab, type World } from "./tab";

export interface ClientRun {
  violations: string[];
  /** Who did what and when, for a person to read. */
  story: string[];
  /** How often something rare was seen. */
  seen: Map<string, number>;
  trace: string;
}

const PEOPLE = ["ada", "bob"];
const FAULTS: readonly Fault[] = [
  ...Array<Fault>(8).fill("none"),
  "slow request",
  "slow answer",
  "slow answer",
  "lost request",
  "lost answer",
  "hangs",
  "hotel",
  "failure",
];
const ENDS = ["ended_elsewhere", "grant_revoked", "security_event", null] as const;
const PAUSES_MS = [50, 5, 5, 300, 1000, 1000, 3000, 10_000, 61_000, 6 * 60_000, 45 * 60_000];
const TABS = 3;

/** The first is what a tape without choices does. */
const ACTIONS = [
  "wait",
  "sign in",
  "sign out",
  "end elsewhere",
  "open",
  "open",
  "write",
  "write",
  "submit",
  "submit twice",
  "look",
  "hide",
  "show",
  "show",
  "sleep",
  "stay",
  "offline",
  "online",
  "online",
  "online",
  "look",
  "close",
  "set the clock back",
] as const;

/** Plays one browser with several tabs for a number of things that its people do. */
export async function playClient(
  tape: Tape,
  actions: number,
  client: Client = CLIENT,
): Promise<ClientRun> {
  const story: string[] = [];
  const seen = new Map<string, number>();
  const violations: string[] = [];
  const kernel = createKernel(tape, {
    onNote: (at, text) => story.push(`${new Date(at).toISOString().slice(11, 23)} ${text}`),
  });
  let aheadMs = 0;
  let clockWasSetBack = false;
  let offline = false;
  let faultsEnd = false;
  const fail = (what: string) => {
    violations.push(what);
    kernel.note(`VIOLATION ${what}`);
  };
  const world: World = {
    kernel,
    client,
    server: new ServerModel(() => kernel.now()),
    locks: new Locks(kernel),
    channels: new Set(),
    clock: { now: () => kernel.now() + aheadMs },
    fault() {
      if (faultsEnd) return "none";
      const drawn = FAULTS[tape.draw("net:fault", FAULTS.length)] ?? "none";
      return offline ? "lost request" : drawn;
    },
    numbers: new WeakMap(),
    note(text) {
      const what = text.slice(text.indexOf(": ") + 2).replace(/^\/\w+ of \w+ /, "");
      seen.set(what, (seen.get(what) ?? 0) + 1);
      kernel.note(text);
    },
    fail,
  };
  const { server } = world;
  const tabs = Array.from({ length: TABS }, (_, n) => new Tab(`tab ${n + 1}`, world));

  /** Never, at any moment. */
  function check(): void {
    for (const tab of tabs) {
      const { page, told, shown } = tab;
      if (!page || tab.hidden) continue;
      const written = page.form?.elements[0]?.value ?? "";
      const writer = written.split(" ")[0];
      if (written !== "" && page.who !== null && writer !== page.who) {
        fail(`${tab.name} shows ${page.who} what ${writer} has written`);
      }
      const state = page.watch.state();
      const isOld = told !== null && told.number > (shown?.number ?? 0);
      if (state.status !== "authenticated" || !isOld || clockWasSetBack) continue;
      if (state.user.id !== told.who && tab.reads.underWay === 0) {
        fail(
          `${tab.name} shows ${state.user.id} after an answer that said ${told.who ?? "nobody"}`,
        );
      }
    }
  }

  async function pass(ms: number): Promise<void> {
    let over = false;
    void kernel.wait("person", "goes on", ms).then(() => {
      over = true;
    });
    await kernel.run(() => {
      check();
      return over || violations.length > 0;
    });
  }

  function act(what: (typeof ACTIONS)[number], tab: Tab): void {
    const who = PEOPLE[tape.draw("who:signs in", PEOPLE.length)] ?? "ada";
    kernel.note(`${tab.name}: ${what}`);
    switch (what) {
      case "wait":
        break;
      case "sign in":
        if (tab.page?.path !== "/login") tab.written = null;
        void tab.load("/agenda", () => server.signIn(who));
        break;
      case "sign out":
        tab.written = null;
        void tab.load("/login", () => server.end("signed_out"));
        break;
      case "end elsewhere":
        server.end(ENDS[tape.draw("who:ends", ENDS.length)] ?? null);
        break;
      case "open":
        if (tab.page?.path !== "/login") tab.written = null;
        void tab.load(["/agenda", "/dashboard", "/"][tape.draw("who:opens", 3)] ?? "/");
        break;
      case "write":
        tab.write(`${tab.page?.who} writes ${kernel.steps}`);
        break;
      case "submit":
        if (!tab.hidden) void tab.submit();
        break;
      case "submit twice": {
        if (tab.hidden) break;
        const before = tab.sent;
        void tab.submit();
        void tab.submit();
        if (tab.sent > before + 1) fail(`${tab.name} sends twice what was pressed twice at once`);
        break;
      }
      case "look":
        if (tab.page && !tab.hidden) tab.fire("focus");
        break;
      case "hide":
        if (!tab.page || tab.hidden) break;
        tab.fire("pagehide", true);
        tab.hidden = true;
        break;
      case "show":
        if (!tab.hidden) break;
        tab.hidden = false;
        tab.fire("pageshow", true);
        break;
      case "sleep":
        world.note(`${tab.name}: sleep`);
        kernel.skip(PAUSES_MS[tape.draw("time:sleeps", PAUSES_MS.length)] ?? 0);
        break;
      case "stay":
        if (tab.page && !tab.hidden) tab.page.watch.check({ method: "POST" });
        break;
      case "offline":
        offline = true;
        break;
      case "online":
        offline = false;
        for (const each of tabs) if (each.page && !each.hidden) each.fire("online");
        break;
      case "close":
        tab.written = null;
        tab.storage.clear();
        tab.leave();
        break;
      case "set the clock back":
        aheadMs -= 90_000;
        clockWasSetBack = true;
        break;
    }
  }

  server.signIn("ada");
  for (const tab of tabs) void tab.load("/agenda");
  for (let n = 0; n < actions && violations.length === 0; n++) {
    await pass(PAUSES_MS[tape.draw("time:pause", PAUSES_MS.length)] ?? 50);
    const what = ACTIONS[tape.draw("act:what", ACTIONS.length)] ?? "wait";
    const tab = tabs[tape.draw("act:tab", TABS)];
    if (tab) act(what, tab);
  }
  if (violations.length === 0) await heal();

  /** Then all is well: whoever is signed in is shown, everywhere, and what was written is there. */
  async function heal(): Promise<void> {
    faultsEnd = true;
    offline = false;
    kernel.note("the network is well again");
    for (const tab of tabs) {
      if (tab.hidden) act("show", tab);
    }
    await pass(12 * 60_000);
    if (server.session && server.session.endsAt - kernel.now() < 60_000) await pass(2 * 60_000);
    const truth = server.say(false).who;
    for (const { name, page } of tabs) {
      if (!page) continue;
      const known = client.lastKnown(page.watch.state());
      const shown = known.status === "authenticated" ? known.user.id : null;
      if (shown !== truth)
        fail(`${name} shows ${shown ?? "nobody"}, and it is ${truth ?? "nobody"}`);
    }
    for (const tab of tabs) {
      const { written } = tab;
      if (!written || tab.page?.form?.elements[0]?.value === written.text) continue;
      await Promise.race([tab.load("/agenda", () => server.signIn(written.who)), pass(60_000)]);
      await pass(1000);
      const there = tab.page?.form?.elements[0]?.value;
      if (there !== written.text) fail(`${tab.name} has lost what was written: ${written.text}`);
    }
  }

  for (const tab of tabs) tab.leave();
  return { violations, story, seen, trace: kernel.digest() };
}

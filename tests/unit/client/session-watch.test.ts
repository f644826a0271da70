import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BrowserFake } from "./browser-fake";
import { ADA, BOB, NOW, SIGNED_OUT, seedOf, signedIn } from "./session-samples";

const MINUTE = 60_000;
const DAY = 86_400_000;
const FOREVER = NOW + 1000 * DAY;
const IN = { ...signedIn(ADA, FOREVER), accessTokenExpiresAt: FOREVER };
const SEED = seedOf(IN);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a page that watches its session", () => {
  it("asks nothing at load, and then by the interval", async () => {
    const browser = new BrowserFake(IN);
    browser.openTab(SEED);
    await pass(4 * MINUTE);
    expect(browser.asked).toEqual([]);
    await pass(11.5 * MINUTE);
    expect(browser.asked).toEqual(["GET", "GET", "GET"]);
  });

  it("CS-05 with an interval of 30 days asks 0 times in a second, and once in 30 days", async () => {
    const browser = new BrowserFake(IN);
    browser.openTab(SEED, { intervalMs: 30 * DAY });
    await pass(1000);
    expect(browser.asked).toEqual([]);
    await pass(30 * DAY);
    expect(browser.asked).toHaveLength(1);
  });

  it("UX-01 asks once when it wakes after 40 days of sleep", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    vi.setSystemTime(NOW + 40 * DAY);
    await pass(6 * MINUTE);
    expect(browser.asked).toHaveLength(1);
    expect(tab.watch.state()).toMatchObject({ status: "authenticated" });
  });

  it("UX-01 open for days without a network asks at most every few minutes and says nobody is signed out", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    browser.answer = null;
    await pass(3 * DAY);
    expect(browser.asked.length).toBeLessThan((3 * DAY) / (3 * MINUTE));
    expect(tab.watch.state()).toMatchObject({
      status: "unknown",
      last: { status: "authenticated", user: ADA },
    });
    browser.answer = IN;
    tab.fire("online");
    await pass(100);
    expect(tab.watch.state()).toMatchObject({ status: "authenticated" });
  });

  it("UX-01 takes a page that is no answer of the server’s for a failed read", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    browser.answer = { status: "welcome to the hotel" } as never;
    tab.fire("online");
    await pass(100);
    expect(tab.watch.state()).toMatchObject({ status: "unknown", failures: 1 });
  });

  it("gives up a read without an answer after ten seconds", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    let signal: AbortSignal | null | undefined;
    browser.fetch = (init) =>
      new Promise((_resolve, reject) => {
        signal = init?.signal;
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    tab.fire("online");
    await pass(9999);
    expect(signal?.aborted).toBe(false);
    await pass(1);
    expect(tab.watch.state()).toMatchObject({ status: "unknown" });
  });

  it("asks when the person looks again, once for focus and visibility together", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    await pass(5000);
    tab.fire("visibilitychange");
    tab.fire("focus");
    await pass(100);
    tab.fire("focus");
    await pass(100);
    expect(browser.asked).toHaveLength(1);
    tab.document.visibilityState = "hidden";
    await pass(5000);
    tab.fire("visibilitychange");
    await pass(100);
    expect(browser.asked).toHaveLength(1);
  });

  it("stays signed in by a request that is a use", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    browser.answer = { ...IN, expiresAt: FOREVER + DAY };
    tab.watch.check({ method: "POST" });
    await pass(100);
    expect(browser.asked).toEqual(["POST"]);
    // The server’s `Date` knows whole seconds only.
    expect(tab.watch.state()).toMatchObject({ endsAt: expect.closeTo(FOREVER + DAY, -4) });
    browser.final = true;
    tab.watch.check({ method: "POST" });
    await pass(100);
    expect(tab.watch.state()).toMatchObject({ final: true });
  });

  it("stops asking when it is closed", async () => {
    const browser = new BrowserFake(IN);
    browser.openTab(SEED).close();
    await pass(DAY);
    expect(browser.asked).toEqual([]);
    expect(browser.channels).toBe(0);
  });
});

describe("several tabs", () => {
  it("one asks for all by the interval", async () => {
    const browser = new BrowserFake(IN);
    const tabs = Array.from({ length: 20 }, () => browser.openTab(SEED));
    browser.answer = { ...IN, features: ["calendar"] };
    await pass(5 * MINUTE + 100);
    expect(browser.asked).toHaveLength(1);
    for (const { watch } of tabs) expect(watch.state()).toMatchObject({ features: ["calendar"] });
  });

  it("UX-02 hear of a sign-out and of a sign-in within a second, with one question", async () => {
    const browser = new BrowserFake(IN);
    const others = Array.from({ length: 5 }, () => browser.openTab(SEED));
    await pass(1000);
    browser.answer = SIGNED_OUT;
    browser.openTab(seedOf({ status: "unauthenticated", reason: "signed_out" }));
    await pass(1000);
    for (const { watch } of others) {
      expect(watch.state()).toEqual({ status: "unauthenticated", reason: "signed_out" });
    }
    expect(browser.asked).toHaveLength(1);

    browser.answer = IN;
    browser.openTab(SEED);
    await pass(1000);
    for (const { watch } of others) expect(watch.state()).toMatchObject({ user: ADA });
    expect(browser.asked).toHaveLength(2);
  });

  it.each([[["locks"]], [[]]])(
    "UX-02 hear of a sign-out also while they ask (without %j)",
    async (without) => {
      const browser = new BrowserFake(IN);
      const [asking, other] = [
        browser.openTab(SEED, { without }),
        browser.openTab(SEED, { without }),
      ];
      await pass(1000);
      asking.fire("online");
      await pass(5);
      browser.answer = SIGNED_OUT;
      browser.openTab(seedOf({ status: "unauthenticated", reason: "signed_out" }));
      await pass(1000);
      for (const { watch } of [asking, other]) {
        expect(watch.state()).toEqual({ status: "unauthenticated", reason: "signed_out" });
      }
    },
  );

  it("aren’t signed out by what a message says, only by what the server says", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    browser.post({ report: SIGNED_OUT, final: false, now: NOW, askedAt: 0 });
    browser.post({ report: SIGNED_OUT, now: NOW, askedAt: FOREVER });
    browser.post("sign out");
    await pass(100);
    expect(tab.watch.state()).toMatchObject({ status: "authenticated" });
    expect(browser.asked).toHaveLength(1);
  });

  it.each([
    ["BroadcastChannel", ["channel"]],
    ["locks", ["locks"]],
    ["either", ["channel", "locks"]],
  ])("CS-07 each ask by themselves without %s", async (_, without) => {
    const browser = new BrowserFake(IN);
    const tabs = [browser.openTab(SEED, { without }), browser.openTab(SEED, { without })];
    browser.answer = SIGNED_OUT;
    await pass(6 * MINUTE);
    for (const { watch } of tabs) expect(watch.state().status).toBe("unauthenticated");
  });

  it("ask themselves when the one that asked has gone", async () => {
    const browser = new BrowserFake(IN);
    const [first, second] = [browser.openTab(SEED), browser.openTab(SEED)];
    browser.answer = SIGNED_OUT;
    await pass(1000);
    first.fire("online");
    second.fire("online");
    first.close();
    await pass(11_000);
    expect(second.watch.state().status).toBe("unauthenticated");
  });
});

describe("the back/forward cache", () => {
  it("CS-07 finds the channel closed and nothing under way", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    tab.fire("pagehide", true);
    expect(browser.channels).toBe(0);
    await pass(DAY);
    expect(browser.asked).toEqual([]);
    expect(tab.watch.state()).toMatchObject({ status: "unknown", restored: true });
  });

  it("UX-02 gives back a page that asks before it shows anything", async () => {
    const browser = new BrowserFake(IN);
    const tab = browser.openTab(SEED);
    tab.fire("pagehide", true);
    browser.answer = SIGNED_OUT;
    tab.fire("pageshow", true);
    expect(tab.watch.state()).toMatchObject({ restored: true });
    await pass(100);
    expect(tab.watch.state()).toEqual({ status: "unauthenticated", reason: null });
    expect(browser.channels).toBe(1);
    expect(browser.asked).toHaveLength(1);
  });
});

describe("a page’s data that come late", () => {
  const BOBS = signedIn(BOB, FOREVER);

  it("UX-01 say nothing against an answer that was given after them", async () => {
    const browser = new BrowserFake(BOBS);
    const tab = browser.openTab(SEED);
    await pass(2000);
    tab.fire("online");
    await pass(100);
    expect(tab.watch.state()).toMatchObject({ user: BOB });
    tab.watch.seed({ ...seedOf(IN), now: NOW + 500 });
    expect(tab.watch.state()).toMatchObject({ user: BOB });
    await pass(100);
    expect(tab.watch.state()).toMatchObject({ user: BOB });
  });
});

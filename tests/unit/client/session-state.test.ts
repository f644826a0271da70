import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionReport } from "../../../app/auth/read-session.server";
import type { PageSeed } from "../../../app/auth/seed-page.server";
import {
  beginWatch,
  lastKnown,
  stateOf,
  step,
  type Watch,
  type WatchEvent,
} from "../../../app/client/session-state";
import { ADA, BOB, NOW, SIGNED_OUT, seedOf, signedIn } from "./session-samples";

const DAY = 86_400_000;
const began = (seed: PageSeed = seedOf(signedIn(ADA))) => beginWatch(seed, NOW);

function answered(
  report: SessionReport = signedIn(ADA),
  at = NOW + 1000,
  askedAt = at - 50,
): Extract<Happening, { type: "answered" }> {
  return { type: "answered", report, final: false, now: at, askedAt, at };
}

type Happening = WatchEvent & { at: number };

const happens = (watch: Watch, event: Happening) => step(watch, event, event.at);

function following(watch: Watch, ...events: Happening[]): Watch {
  return events.reduce((current, event) => happens(current, event).watch, watch);
}

describe("what a page knows of its session", () => {
  it("is what the server said when it made the page, with no flash of anything else", () => {
    expect(stateOf(began())).toMatchObject({ status: "authenticated", user: { name: ADA.name } });
    expect(stateOf(began(seedOf(SIGNED_OUT)))).toEqual({ status: "unauthenticated", reason: null });
  });

  it("tells the end by this browser’s clock, however wrong that is", () => {
    const watch = beginWatch({ ...seedOf(signedIn(ADA, NOW + DAY)), now: NOW }, NOW - 400 * DAY);
    expect(stateOf(watch)).toMatchObject({ endsAt: NOW - 399 * DAY });
  });

  it("follows the server’s answer", () => {
    const watch = following(
      began(),
      answered({ status: "unauthenticated", reason: "grant_revoked" }),
    );
    expect(stateOf(watch)).toEqual({ status: "unauthenticated", reason: "grant_revoked" });
    expect(stateOf(following(watch, answered(signedIn(ADA), NOW + 9000)))).toMatchObject({
      status: "authenticated",
    });
  });

  it("CS-11 knows of each session whether its end is the last word, above all of a new one", () => {
    const near = { ...answered(), final: true };
    const again = answered(signedIn(ADA, NOW + DAY), NOW + 5000);
    expect(stateOf(following(began(), near))).toMatchObject({ final: true });
    expect(stateOf(following(began(), near, again))).toMatchObject({ final: false });
  });

  it("sees that Google’s access ran out and was not renewed", () => {
    const away = { ...signedIn(ADA), accessTokenExpiresAt: NOW };
    expect(stateOf(following(began(), answered(away)))).toMatchObject({
      status: "authenticated",
      googleAway: true,
    });
  });
});

describe("a read that failed", () => {
  it("UX-01 changes nothing but the third state: the last known person is still there", () => {
    const watch = following(began(), { type: "failed", at: NOW + 5 });
    expect(stateOf(watch)).toEqual({
      status: "unknown",
      since: NOW + 5,
      last: stateOf(began()),
      failures: 1,
      restored: false,
    });
    expect(watch.known).toEqual(began().known);
  });

  it("UX-01 keeps the moment since which nothing is known, and heals with the next answer", () => {
    const failing = following(
      began(),
      { type: "failed", at: NOW + 5 },
      { type: "failed", at: NOW + 9 },
    );
    expect(stateOf(failing)).toMatchObject({ since: NOW + 5 });
    const healed = following(failing, answered());
    expect(stateOf(healed)).toMatchObject({ status: "authenticated" });
    expect(healed.failures).toBe(0);
  });

  it("UX-01 never signs anybody out, nor does any stretch of time, focus or network", () => {
    const at = fc.integer({ min: NOW - 400 * DAY, max: NOW + 400 * DAY });
    const event: fc.Arbitrary<Happening> = fc.oneof(
      fc.record({ type: fc.constant("failed" as const), at }),
      fc.record({ type: fc.constant("woke" as const), dueAt: at, at }),
      fc.record({ type: fc.constant("focused" as const), at }),
      fc.record({ type: fc.constant("restored" as const), at }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const known = lastKnown(stateOf(following(began(), ...events)));
        expect(known).toMatchObject({ status: "authenticated", user: ADA });
      }),
    );
  });
});

describe("a page that was put away for the back button", () => {
  const away = following(began(), { type: "hidden", at: NOW + 5 });

  it("UX-02 knows nothing for certain until the server has answered", () => {
    expect(stateOf(away)).toMatchObject({ status: "unknown", failures: 0, restored: true });
    const failed = following(
      away,
      { type: "restored", at: NOW + 8 },
      { type: "failed", at: NOW + 9 },
    );
    expect(stateOf(failed)).toMatchObject({ status: "unknown", failures: 1, restored: true });
  });

  it("is as it was once the server has answered so", () => {
    expect(stateOf(following(away, answered()))).toMatchObject({ status: "authenticated" });
    const failed = following(away, answered(), { type: "failed", at: NOW + 5000 });
    expect(stateOf(failed)).toMatchObject({ restored: false });
  });
});

describe("news that may be old", () => {
  it("UX-02 makes the tab ask when it tells of another person, an end or another session, and changes nothing yet", () => {
    for (const report of [SIGNED_OUT, signedIn(BOB), signedIn(ADA, NOW + DAY)]) {
      const { watch, read } = happens(began(), answered(report, NOW + 1000, 0));
      expect(read).toBe(true);
      expect(watch.known).toEqual(began().known);
    }
  });

  it("UX-02 counts for more than an answer that was asked for before it", () => {
    const doubting = happens(began(), answered(SIGNED_OUT, NOW + 1000, 0)).watch;
    const late = happens(doubting, answered(signedIn(ADA), NOW + 1050, NOW + 990));
    expect(late.read).toBe(true);
    expect(late.watch.knownAt).toBe(NOW);
    const settled = happens(late.watch, answered(SIGNED_OUT, NOW + 1100, NOW + 1051));
    expect(settled.read).toBe(false);
    expect(stateOf(settled.watch).status).toBe("unauthenticated");
  });

  it("is nothing to ask about when it tells what is known", () => {
    expect(happens(began(), answered(signedIn(ADA), NOW + 1000, 0))).toEqual({
      watch: began(),
      read: false,
    });
  });

  it("is believed when it was asked for after all that is known: one tab asks for all", () => {
    const { watch, read } = happens(began(), answered(SIGNED_OUT, NOW + 1000, NOW + 1));
    expect(read).toBe(false);
    expect(stateOf(watch).status).toBe("unauthenticated");
  });

  it("is believed when the clock was set back, so that no tab asks for ever", () => {
    const { watch, read } = happens(began(), answered(SIGNED_OUT, NOW - DAY));
    expect(read).toBe(false);
    expect(stateOf(watch).status).toBe("unauthenticated");
  });
});

describe("the reason of an end", () => {
  it("is the server’s where it tells one", () => {
    const hinted = happens(
      began(),
      answered({ status: "unauthenticated", reason: "idle" }, NOW + 10, 0),
    ).watch;
    const watch = following(
      hinted,
      answered({ status: "unauthenticated", reason: "security_event" }),
    );
    expect(stateOf(watch)).toMatchObject({ reason: "security_event" });
  });

  it("is what another tab heard, since the server tells it only once", () => {
    const told = { status: "unauthenticated", reason: "grant_revoked" } as const;
    const watch = following(began(), answered(told, NOW + 10, 0), answered(SIGNED_OUT));
    expect(stateOf(watch)).toMatchObject({ reason: "grant_revoked" });
  });

  it.each([
    ["idle", false],
    ["absolute", true],
  ] as const)("is %s where the browser dropped the cookie at that limit", (reason, final) => {
    const seed = seedOf(signedIn(ADA, NOW + 1000), final);
    const watch = following(beginWatch(seed, NOW), answered(SIGNED_OUT, NOW + 2000));
    expect(stateOf(watch)).toEqual({ status: "unauthenticated", reason });
  });

  it("stays unknown for a sign-out that nobody told of", () => {
    expect(stateOf(following(began(), answered(SIGNED_OUT)))).toMatchObject({ reason: null });
  });

  it("is kept while the person stays signed out, and forgotten after", () => {
    const ended = following(began(), answered({ status: "unauthenticated", reason: "idle" }));
    const asked = following(ended, answered(SIGNED_OUT, NOW + 5000));
    expect(stateOf(asked)).toMatchObject({ reason: "idle" });
    const again = following(
      asked,
      answered(signedIn(ADA), NOW + 6000),
      answered(SIGNED_OUT, NOW + 9000),
    );
    expect(stateOf(again)).toMatchObject({ reason: null });
  });
});

describe("the server", () => {
  it.each([
    ["when the network or the page is back", { type: "restored", at: NOW }, true],
    ["when the person looks again", { type: "focused", at: NOW + 250 }, true],
    ["not twice for one look", { type: "focused", at: NOW + 249 }, false],
    ["when the timer rings", { type: "woke", dueAt: NOW + 10, at: NOW + 10 }, true],
    [
      "not when a long wait only needs its next timer",
      { type: "woke", dueAt: NOW + 10, at: NOW + 9 },
      false,
    ],
    ["when the clock was set back", { type: "woke", dueAt: NOW + 10, at: NOW - DAY }, true],
  ] as const)("is asked %s", (_, event, read) => {
    expect(happens(began(), event).read).toBe(read);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INTERVAL_MS, nextReadAt, timerMs } from "../../../app/client/next-read";
import { beginWatch, step, type Watch } from "../../../app/client/session-state";
import { ADA, NOW, SIGNED_OUT, seedOf, signedIn } from "./session-samples";

const MINUTE = 60_000;
const DAY = 86_400_000;
const TIMES = { intervalMs: INTERVAL_MS, noticeMs: 10 * MINUTE };
const LONGEST_TIMER = 2 ** 31 - 1;
const watching = (expiresAt?: number) => beginWatch(seedOf(signedIn(ADA, expiresAt)), NOW);

function failing(times: number): Watch {
  let watch = watching();
  for (let count = 0; count < times; count++) {
    watch = step(watch, { type: "failed" }, NOW).watch;
  }
  return watch;
}

describe("the next read", () => {
  it("comes after the interval, spread by a tenth to either side", () => {
    expect(nextReadAt(watching(), TIMES, 0)).toBe(NOW + 4.5 * MINUTE);
    expect(nextReadAt(watching(), TIMES, 0.5)).toBe(NOW + 5 * MINUTE);
    expect(nextReadAt(watching(), TIMES, 0.999)).toBeLessThan(NOW + 5.5 * MINUTE);
  });

  it("comes when the end is to be announced, and just after the end", () => {
    const times = { intervalMs: 365 * DAY, noticeMs: 10 * MINUTE };
    const far = watching(NOW + DAY);
    expect(nextReadAt(far, times, 0)).toBe(NOW + DAY - 10 * MINUTE);
    expect(nextReadAt(watching(NOW + MINUTE), times, 0)).toBe(NOW + MINUTE + 1000);
  });

  it("is never sooner than a second, however the server’s times stand", () => {
    const times = { intervalMs: 0, noticeMs: 0 };
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 0.999, noNaN: true }), (ends, jitter) => {
        expect(nextReadAt(watching(NOW + ends), times, jitter)).toBeGreaterThanOrEqual(NOW + 1000);
      }),
    );
  });

  it("backs off after failed reads: twice as long each time, at most five minutes", () => {
    const pauses = [1, 2, 3, 9, 1000].map(
      (times) => nextReadAt(failing(times), TIMES, 0.999999) - NOW,
    );
    expect(pauses.map((pause) => Math.round(pause / 1000))).toEqual([2, 4, 8, 300, 300]);
    expect(nextReadAt(failing(1), TIMES, 0) - NOW).toBe(1000);
  });

  it("backs off while Google is away, though the server answers", () => {
    const report = { ...signedIn(ADA), accessTokenExpiresAt: NOW };
    const away = { type: "answered", report, final: false, now: NOW, askedAt: NOW } as const;
    const once = step(watching(), away, NOW).watch;
    expect(nextReadAt(once, TIMES, 0) - NOW).toBe(1000);
    expect(nextReadAt(step(once, away, NOW).watch, TIMES, 0) - NOW).toBe(2000);
  });

  it("comes by the interval for somebody who isn’t signed in", () => {
    const watch = beginWatch(seedOf(SIGNED_OUT), NOW);
    expect(nextReadAt(watch, TIMES, 0.5)).toBe(NOW + 5 * MINUTE);
  });
});

describe("a timer", () => {
  it("CS-05 is never longer than 2^31-1 ms, which would fire at once", () => {
    for (const days of [24.8, 25, 30, 400, 365 * 1000]) {
      expect(timerMs(NOW + days * DAY, NOW)).toBeLessThanOrEqual(LONGEST_TIMER);
    }
    expect(timerMs(NOW + 5, NOW)).toBe(5);
    expect(timerMs(NOW - 5, NOW)).toBe(0);
  });

  it("CS-05 is set a few times, not for ever, on the way to a read in years", () => {
    const dueAt = nextReadAt(
      watching(NOW + 4000 * DAY),
      { intervalMs: 1000 * DAY, noticeMs: 0 },
      0.5,
    );
    let now = NOW;
    let timers = 0;
    for (; now < dueAt; timers++) now += timerMs(dueAt, now);
    expect(now).toBe(NOW + 1000 * DAY);
    expect(timers).toBe(Math.ceil((1000 * DAY) / LONGEST_TIMER));
  });
});

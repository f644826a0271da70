import { describe, expect, it } from "vitest";
import { systemClock } from "../../../app/config/clock.server";

describe("systemClock", () => {
  it("tells the time of this machine", () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it("wakes after the time that was asked for", async () => {
    const before = performance.now();
    await systemClock.sleep(5);
    expect(performance.now() - before).toBeGreaterThanOrEqual(4);
  });

  it("wakes at once when the sleep is called off", async () => {
    const abort = new AbortController();
    const sleep = systemClock.sleep(60_000, abort.signal);
    abort.abort();
    await sleep;
  });

  it("doesn’t fall asleep when the sleep was called off before", async () => {
    await systemClock.sleep(60_000, AbortSignal.abort());
  });
});

import { describe, expect, it } from "vitest";
import { skewSample, watchClockSkew } from "../../../app/google/clock-skew.server";
import { createTestClock } from "../../support/test-clock";
import { createTestLog } from "../../support/test-log";

describe("the watch on the clock", () => {
  const setUp = (skewMs: number) => {
    const clock = createTestClock();
    const log = createTestLog();
    const fetch = async () =>
      new Response(null, { headers: { Date: new Date(clock.now() + skewMs).toUTCString() } });
    return { clock, log, watched: watchClockSkew({ fetch, clock, log }) };
  };

  it("TR-02 warns, once an hour, when this machine is more than a minute from Google", async () => {
    const { clock, log, watched } = setUp(-120_000);
    for (let call = 0; call < 10; call++) await watched("https://google.example");
    expect(log.lines).toEqual([expect.objectContaining({ level: "warn", event: "clock_skew" })]);
    const skew = Number(log.lines[0]?.fields.skewMs);
    expect(Math.abs(skew - 120_000)).toBeLessThan(1500);
    await clock.advance(3_600_000);
    await watched("https://google.example");
    expect(log.lines).toHaveLength(2);
  });

  it("says nothing of a second or two, nor of one slow answer", async () => {
    const { log, watched } = setUp(2000);
    for (let call = 0; call < 10; call++) await watched("https://google.example");
    expect(log.lines).toEqual([]);
  });

  it("takes the middle of the exchange, and nothing from a missing or broken header", () => {
    const date = new Date(10_000).toUTCString();
    expect(skewSample(date, 10_000, 11_000)).toBe(0);
    expect(skewSample(null, 0, 0)).toBeNull();
    expect(skewSample("yesterday", 0, 0)).toBeNull();
  });
});

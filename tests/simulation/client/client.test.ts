import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTape, numbersFrom, numbersOf } from "../tape";
import type { Client } from "./client-code";
import { PLANTED, withDefect } from "./planted";
import { playClient } from "./run";

const ACTIONS = 60;
/** A defect that more runs than this don’t show is none that the runs would find. */
const MOST_SEEDS = 400;
/** Runs that once showed a fault: data of a page that came late, after news that they didn’t know of. */
const KEPT = [2895, 4011];
const KEPT_ACTIONS = 120;
const play = (seed: number, client?: Client, actions = ACTIONS) =>
  playClient(createTape(numbersOf(seed)), actions, client);

/** What has to happen now and then, or the runs show nothing. */
const RARE = [
  "ask",
  "leave",
  "reload",
  "revalidate",
  "a second press is dropped",
  "what was unsent is put back",
  "what was lost is put back",
  "network lost answer",
  "network hangs",
  "sleep",
];

describe("the tabs of one browser, whatever its people, its network and its clock do", () => {
  it("UX-01 UX-03 show nobody as signed in after an answer that said otherwise, sign nobody out by a failed read, and lose nothing that was written", async () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 300; seed++) {
      const run = await play(seed);
      expect(run.violations, `seed ${seed}\n${run.story.join("\n")}`).toEqual([]);
      for (const [what, count] of run.seen) seen.set(what, (seen.get(what) ?? 0) + count);
    }
    expect(RARE.filter((what) => !seen.has(what))).toEqual([]);
  });

  it.each(KEPT)("UX-01 do so where they once did not (seed %i)", async (seed) => {
    const run = await play(seed, undefined, KEPT_ACTIONS);
    expect(run.violations, run.story.join("\n")).toEqual([]);
  });

  it("do so in runs that nobody has seen before", async () => {
    const lane = fc.array(fc.nat(), { maxLength: 400 });
    const lanes = fc.record({
      act: lane,
      who: lane,
      time: lane,
      net: lane,
      turn: lane,
      jitter: lane,
    });
    await fc.assert(
      fc.asyncProperty(lanes, async (numbers) => {
        const run = await playClient(createTape(numbersFrom(numbers)), 40);
        if (run.violations.length > 0) throw new Error(run.story.join("\n"));
      }),
      { numRuns: 500 },
    );
  });

  it("have the same run twice from one seed", async () => {
    const [first, second] = [await play(7), await play(7)];
    expect(second.trace).toBe(first.trace);
    expect((await play(8)).trace).not.toBe(first.trace);
  });
});

describe("a defect planted in the browser’s code", () => {
  it.each(PLANTED)("is found: $name", async (planted) => {
    const client = await withDefect(planted);
    for (const seed of KEPT) {
      if ((await play(seed, client, KEPT_ACTIONS)).violations.length > 0) return;
    }
    let seed = 1;
    while (seed <= MOST_SEEDS && (await play(seed, client)).violations.length === 0) seed++;
    expect(seed).toBeLessThanOrEqual(MOST_SEEDS);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CONNECTION_FAULTS,
  REDIRECTS,
  SLOW_ANSWERS,
  STRANGE_BODIES,
  TROUBLED_STATUSES,
} from "./fault-table";
import { type FaultWorld, startFaultWorld } from "./fault-world";
import { casesOf } from "./play-fault";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

describe("a token endpoint that gives no answer to work with", () => {
  it.each(casesOf(CONNECTION_FAULTS))("PF-01 %s", (_what, play) => play(world));
  it.each(casesOf(SLOW_ANSWERS))("PF-02 %s", (_what, play) => play(world));
  it.each(casesOf(TROUBLED_STATUSES))("PF-03 TR-13 %s", (_what, play) => play(world));
  it.each(casesOf(STRANGE_BODIES))("PF-04 TR-12 %s", (_what, play) => play(world));
  it.each(casesOf(REDIRECTS))("PF-12 TR-20 %s", async (_what, play) => {
    await play(world);
    expect(world.elsewhere.visits).toBe(0);
  });
});

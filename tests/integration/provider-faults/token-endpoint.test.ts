import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  ADMINISTRATORS_RULES,
  CONNECTION_FAULTS,
  DEAD_GRANTS,
  OUR_OWN_FAULTS,
  PASSING_ERRORS,
  REDIRECTS,
  SIGN_IN_WANTED_AGAIN,
  SLOW_ANSWERS,
  STRANGE_BODIES,
  TROUBLED_STATUSES,
  UNUSABLE_TOKENS,
} from "./fault-table";
import { type FaultWorld, startFaultWorld } from "./fault-world";
import { casesOf } from "./play-fault";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

describe("the token endpoint", () => {
  it.each(casesOf(CONNECTION_FAULTS))("PF-01 %s", (_what, play) => play(world));
  it.each(casesOf(SLOW_ANSWERS))("PF-02 %s", (_what, play) => play(world));
  it.each(casesOf(TROUBLED_STATUSES))("PF-03 TR-13 %s", (_what, play) => play(world));
  it.each(casesOf(STRANGE_BODIES))("PF-04 TR-12 %s", (_what, play) => play(world));
  it.each(casesOf(PASSING_ERRORS))("PF-05 %s", (_what, play) => play(world));
  it.each(casesOf(DEAD_GRANTS))("PF-06 TR-09 %s", (_what, play) => play(world));
  it.each(casesOf(SIGN_IN_WANTED_AGAIN))("PF-07 TR-10 %s", (_what, play) => play(world));
  it.each(casesOf(ADMINISTRATORS_RULES))("PF-08 %s", (_what, play) => play(world));
  it.each(casesOf(OUR_OWN_FAULTS))("PF-09 TR-11 %s", (_what, play) => play(world));
  it.each(casesOf(UNUSABLE_TOKENS))("PF-10 %s", (_what, play) => play(world));
  it.each(casesOf(REDIRECTS))("PF-12 TR-20 %s", async (_what, play) => {
    await play(world);
    expect(world.elsewhere.visits).toBe(0);
  });
});

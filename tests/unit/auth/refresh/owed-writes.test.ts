import { describe, expect, it } from "vitest";
import { createOwedWrites } from "../../../../app/auth/refresh/owed-writes.server";
import { createBackground } from "../../../../app/process/background.server";
import { createTestClock } from "../../../support/test-clock";
import { createTestLog } from "../../../support/test-log";

const UNAVAILABLE = { kind: "unavailable" } as const;

function world(options: { most?: number } = {}) {
  const [clock, log, stopping] = [createTestClock(), createTestLog(), new AbortController()];
  const background = createBackground(stopping.signal, log);
  const owed = createOwedWrites({ clock, log, background, ...options });
  const database = { away: true, has: [] as string[] };
  const write = (text: string) =>
    owed.write(async () => {
      if (database.away) return UNAVAILABLE;
      database.has.push(text);
      return { kind: "written" } as const;
    });
  const events = () => log.lines.map(({ event, fields }) => ({ event, ...fields }));
  return { clock, stopping, background, owed, database, write, events };
}

describe("What the database couldn’t take", () => {
  it("is written at once while the database is there", async () => {
    const { database, write, owed } = world();
    database.away = false;
    expect(await write("end")).toEqual({ kind: "written" });
    expect([database.has, owed.count]).toEqual([["end"], 0]);
  });

  it("FE-2 FE-10 is kept in order, and written as soon as the database is back", async () => {
    const { clock, database, write, owed, events } = world();
    for (const text of ["tokens", "end"]) expect(await write(text)).toEqual(UNAVAILABLE);
    await clock.advance(3_600_000);
    expect([database.has, owed.count]).toEqual([[], 2]);
    database.away = false;
    // What comes now waits behind the others: it may be about the same session.
    expect(await write("forget")).toEqual(UNAVAILABLE);
    await clock.advance(1000);
    expect([database.has, owed.count]).toEqual([["tokens", "end", "forget"], 0]);
    expect(events()).toEqual([{ event: "owed_writes_done" }]);
    expect(await write("later")).toEqual({ kind: "written" });
  });

  it("FE-21 is tried for eight seconds more by a stop, which then says how much is lost", async () => {
    const { clock, stopping, background, write, events } = world();
    await write("tokens");
    await write("end");
    await clock.advance(60_000);
    stopping.abort();
    await clock.advance(7000);
    expect(events()).toEqual([]);
    await clock.advance(2000);
    await background.settled();
    expect(events()).toEqual([{ event: "owed_writes_lost", writes: 2, alarm: true }]);
  });

  it("is held up by no mistake in one of them", async () => {
    const { clock, database, write, owed, events } = world();
    await write("before");
    let broken = false;
    await owed.write(async () => {
      broken = true;
      throw new TypeError("a mistake");
    });
    await write("after");
    database.away = false;
    await clock.advance(1000);
    expect([database.has, owed.count, broken]).toEqual([["before", "after"], 0, true]);
    expect(events()).toEqual([
      { event: "unexpected_error", cause: "TypeError" },
      { event: "owed_writes_lost", writes: 1, alarm: true },
    ]);
  });

  it("takes no more than its share of memory: the oldest are lost, which is told when it is over", async () => {
    const { clock, database, write, owed, events } = world({ most: 3 });
    for (const text of ["1", "2", "3", "4", "5"]) await write(text);
    expect(owed.count).toBe(3);
    database.away = false;
    await clock.advance(1000);
    expect(database.has).toEqual(["3", "4", "5"]);
    expect(events()).toEqual([{ event: "owed_writes_lost", writes: 2, alarm: true }]);
  });
});

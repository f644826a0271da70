import { describe, expect, it } from "vitest";
import { createKernel, withPoolAwaited } from "./kernel";
import { createTape, generator, numbersFrom, numbersOf, TapeMismatch } from "./tape";

const START = 1_000_000;

function plainKernel(lanes: Record<string, number[]> = {}) {
  return createKernel(createTape(numbersFrom(lanes)), { startAt: START });
}

/** Some who wait and begin again, each writing down when it was let go on. */
async function play(seed: number, expected?: Parameters<typeof createTape>[1]) {
  const tape = createTape(numbersOf(seed), expected);
  const kernel = createKernel(tape, { startAt: START });
  const seen: string[] = [];
  for (const who of ["a", "b", "c"]) {
    void (async () => {
      for (let round = 0; round < 5; round++) {
        await kernel.wait(who, "turn", tape.draw("delay:turn", 4));
        seen.push(`${who}${round}@${kernel.now() - START}`);
      }
    })();
  }
  await kernel.run(() => false);
  return { tape, seen, digest: kernel.digest() };
}

describe("the simulator’s kernel", () => {
  it("lets time pass only when somebody waits for it, and in order", async () => {
    const kernel = plainKernel();
    const seen: [string, number][] = [];
    const note = (what: string, ms: number) =>
      kernel.wait("a", what, ms).then(() => seen.push([what, kernel.now() - START]));
    void note("late", 5000);
    void note("soon", 10);
    void note("at once", 0);
    expect(await kernel.run(() => false)).toBe(false);
    expect(seen).toEqual([
      ["at once", 0],
      ["soon", 10],
      ["late", 5000],
    ]);
    expect(kernel.steps).toBe(3);
  });

  it("does all that follows from one step before the next one", async () => {
    const kernel = plainKernel();
    const seen: string[] = [];
    for (const who of ["a", "b"]) {
      void (async () => {
        await kernel.wait(who, "first", 0);
        for (let turn = 0; turn < 50; turn++) await null;
        seen.push(`${who} is done`);
      })();
    }
    await kernel.step();
    expect(seen).toEqual(["a is done"]);
  });

  it("lets the tape choose among those whose moment has come, and nobody before", async () => {
    const kernel = plainKernel({ turn: [2, 1] });
    const seen: string[] = [];
    for (const who of ["a", "b", "c"]) void kernel.wait(who, "go", 0).then(() => seen.push(who));
    void kernel.wait("d", "go", 1).then(() => seen.push("d"));
    await kernel.run(() => false);
    expect(seen).toEqual(["c", "b", "a", "d"]);
  });

  it("never wakes what a stopped owner waited for", async () => {
    const kernel = plainKernel();
    const seen: string[] = [];
    void kernel.wait("killed", "write", 10).then(() => seen.push("killed"));
    void kernel.wait("alive", "write", 20).then(() => seen.push("alive"));
    expect(kernel.stop("killed")).toBe(1);
    await kernel.run(() => false);
    expect(seen).toEqual(["alive"]);
  });

  it("wakes a sleeper whose signal aborts, without time passing", async () => {
    const kernel = plainKernel();
    const abort = new AbortController();
    const clock = kernel.clockOf("a", () => 5000);
    let woken = false;
    void clock.sleep(60_000, abort.signal).then(() => {
      woken = true;
    });
    void kernel.wait("b", "abort", 3).then(() => abort.abort());
    await kernel.run(() => false);
    expect(woken).toBe(true);
    expect(clock.now()).toBe(START + 5003);
    expect(kernel.waiting).toBe(0);
  });

  it("skips time in which nothing happens: what was left to wait is left still", async () => {
    const kernel = plainKernel();
    let at = 0;
    void kernel.wait("a", "go", 100).then(() => {
      at = kernel.now() - START;
    });
    kernel.skip(3_600_000);
    await kernel.run(() => false);
    expect(at).toBe(3_600_100);
  });

  it("waits within a step for what a thread pool does", async () => {
    const kernel = plainKernel();
    const seen: string[] = [];
    await withPoolAwaited(
      () => kernel,
      async () => {
        void (async () => {
          await kernel.wait("a", "hash", 0);
          for (let round = 0; round < 20; round++) {
            await crypto.subtle.digest("SHA-256", new Uint8Array(100_000));
          }
          seen.push("hashed");
        })();
        void kernel.wait("b", "go", 0).then(() => seen.push("next"));
        await kernel.run(() => false);
      },
    );
    expect(seen).toEqual(["hashed", "next"]);
    expect(Object.hasOwn(crypto.subtle, "digest")).toBe(false);
  });

  it("plays the same run from the same seed, and others from others", async () => {
    const first = await play(7);
    expect(await play(7)).toMatchObject({ seen: first.seen, digest: first.digest });
    expect((await play(8)).digest).not.toBe(first.digest);
  });
});

describe("the simulator’s tape", () => {
  it("stops at the first draw that differs from the run it repeats", async () => {
    const { tape, digest } = await play(7);
    // Whatever numbers come: the draws are those of the first run.
    expect((await play(9, tape.drawn)).digest).toBe(digest);
    const again = createTape(numbersOf(7), tape.drawn);
    expect(() => again.draw("delay:other", 4)).toThrow(TapeMismatch);
    expect(() => createTape(numbersOf(7), []).draw("delay:turn", 4)).toThrow(/was nothing/);
  });

  it("gives each lane its own numbers, and plain choices where a lane ends", () => {
    const tape = createTape(numbersFrom({ fault: [5], turn: [1, 2] }));
    const values = ["turn:whose", "fault:token", "turn:whose", "fault:token", "delay:x"].map(
      (name) => tape.draw(name, 4),
    );
    expect(values).toEqual([1, 1, 2, 0, 0]);
  });

  it("uses up nothing of a lane where there is nothing to choose", () => {
    const tape = createTape(numbersFrom({ turn: [3] }));
    expect([tape.draw("turn:whose", 1), tape.draw("turn:whose", 5)]).toEqual([0, 3]);
  });

  it("spreads its numbers evenly", () => {
    const next = generator(1, "turn");
    const counts = Array.from({ length: 8 }, () => 0);
    for (let each = 0; each < 8000; each++) {
      const value = next() % 8;
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });
});

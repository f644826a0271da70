import type { Clock } from "../../app/config/clock.server";

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Sets the time of day, as an operator would: nobody who sleeps wakes by it. */
  set(now: number): void;
  /**
   * Lets `ms` pass. Whoever sleeps wakes at their moment, in order, and what they then do, real
   * input and output included, is done before time goes on.
   */
  advance(ms: number): Promise<void>;
  /** How many sleeps are under way. */
  readonly sleeping: number;
}

const START = Date.UTC(2026, 0, 15, 12);

interface Sleeper {
  /** On the scale of time that has passed, which no `set` moves. */
  wakesAt: number;
  wake(): void;
}

export function createTestClock(startAt = START): TestClock {
  const sleepers = new Set<Sleeper>();
  let wallTime = startAt;
  let passed = 0;

  function pass(ms: number): void {
    wallTime += ms;
    passed += ms;
  }

  /** The next to wake until `end`; of two at one moment the one who went to sleep first. */
  function nextUntil(end: number): Sleeper | undefined {
    return [...sleepers]
      .filter((sleeper) => sleeper.wakesAt <= end)
      .sort((a, b) => a.wakesAt - b.wakesAt)[0];
  }

  return {
    now: () => wallTime,
    set(now) {
      wallTime = now;
    },
    async advance(ms) {
      await settle();
      const end = passed + ms;
      for (let next = nextUntil(end); next; next = nextUntil(end)) {
        pass(next.wakesAt - passed);
        next.wake();
        await settle();
      }
      pass(end - passed);
      await settle();
    },
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) return resolve();
        // As timers do: they know whole milliseconds only.
        const sleeper = { wakesAt: passed + Math.ceil(ms), wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", wake, { once: true });
        function wake() {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", wake);
          resolve();
        }
      });
    },
    get sleeping() {
      return sleepers.size;
    },
  };
}

/** Turns of the event loop after which an exchange within this process has come to its end. */
const TURNS = 20;

/** Lets microtasks and callbacks of real input and output run, without time passing. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

import { createHash } from "node:crypto";
import type { Clock } from "./app-parts";
import type { Tape } from "./tape";

/**
 * The one place where time passes and where it is decided whose turn it is. Whatever waits (a message on
 * its way, a timer, a call of the database) waits here; one at a time is let go on, and nothing else moves
 * until all that follows from it is done.
 */
export interface Kernel {
  readonly tape: Tape;
  /** The true time, in ms since the epoch. */
  now(): number;
  /** How many have been let go on. */
  readonly steps: number;
  /** How many wait. */
  readonly waiting: number;
  /** Whether anybody waits for something of this kind, such as `store`. */
  waitsFor(kind: string): boolean;
  /**
   * Waits `ms` of virtual time, and then for its turn. `owner` can be stopped meanwhile; then this never
   * settles.
   *
   * @param what names it in the trace, such as "store claimRefresh".
   */
  wait(owner: string, what: string, ms: number, signal?: AbortSignal): Promise<void>;
  /** A machine’s clock; `aheadMs` is asked for each time, so that it can be set. Timers don’t go by it. */
  clockOf(owner: string, aheadMs: () => number): Clock;
  /** Ends all that an owner waits for, as a kill does. @returns how many they were. */
  stop(owner: string): number;
  /** Lets the next one go on. @returns false when nobody waits. */
  step(): Promise<boolean>;
  /** Steps until `isOver`, or until nobody waits. @returns whether it is over. */
  run(isOver: () => boolean): Promise<boolean>;
  /** Lets `ms` pass in which nothing happens: whoever waits goes on waiting for what was left. */
  skip(ms: number): void;
  /**
   * Counts something that ends outside this thread, such as WebCrypto’s work on its pool: it is awaited
   * within the step that began it, so that no order depends on the machine.
   */
  outside<Result>(work: Promise<Result>): Promise<Result>;
  /** Adds what happened to the trace. */
  note(text: string): void;
  /** Of the whole trace so far, hexadecimal. Two runs with the same one were the same. */
  digest(): string;
}

interface Waiting {
  owner: string;
  what: string;
  at: number;
  wake(): void;
}

/** @param options.onNote is told each line of the trace, with its time: for stories. */
export function createKernel(
  tape: Tape,
  options: { startAt?: number; onNote?: (at: number, text: string) => void } = {},
): Kernel {
  const { onNote } = options;
  const waiting = new Set<Waiting>();
  const trace = createHash("sha256");
  let now = options.startAt ?? Date.UTC(2026, 0, 15, 12);
  let steps = 0;
  let abroad = 0;

  function note(text: string): void {
    trace.update(`${now} ${text}\n`);
    onNote?.(now, text);
  }

  /** Everything that can go on without anybody’s turn has gone on after this. */
  async function settle(): Promise<void> {
    do await new Promise<void>((resolve) => setImmediate(resolve));
    while (abroad > 0);
  }

  /** Those whose moment has come, in the order in which they began to wait; else the next moment’s. */
  function ready(): Waiting[] {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { at } of waiting) earliest = Math.min(earliest, at);
    const moment = Math.max(now, earliest);
    return [...waiting].filter(({ at }) => at <= moment);
  }

  async function step(): Promise<boolean> {
    const candidates = ready();
    if (candidates.length === 0) return false;
    const next = candidates[tape.draw("turn:whose", candidates.length)];
    if (next === undefined) throw new RangeError("The tape has drawn one too many.");
    waiting.delete(next);
    now = Math.max(now, next.at);
    steps += 1;
    note(`${next.owner} ${next.what}`);
    next.wake();
    await settle();
    return true;
  }

  const kernel: Kernel = {
    tape,
    now: () => now,
    get steps() {
      return steps;
    },
    get waiting() {
      return waiting.size;
    },
    waitsFor: (kind) => [...waiting].some(({ what }) => what.startsWith(`${kind} `)),
    wait(owner, what, ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        // As timers do: they know whole milliseconds only.
        const at = now + Math.max(0, Math.ceil(ms));
        const mine: Waiting = { owner, what, at, wake };
        waiting.add(mine);
        signal?.addEventListener("abort", wake, { once: true });
        function wake() {
          waiting.delete(mine);
          signal?.removeEventListener("abort", wake);
          resolve();
        }
      });
    },
    clockOf: (owner, aheadMs) => ({
      now: () => now + aheadMs(),
      sleep: (ms, signal) => kernel.wait(owner, "timer", ms, signal),
    }),
    stop(owner) {
      const theirs = [...waiting].filter((each) => each.owner === owner);
      for (const each of theirs) waiting.delete(each);
      return theirs.length;
    },
    step,
    async run(isOver) {
      await settle();
      while (!isOver()) if (!(await step())) return isOver();
      return true;
    },
    skip(ms) {
      for (const each of waiting) each.at += ms;
      now += ms;
      note(`time skips ${ms}`);
    },
    async outside(work) {
      abroad += 1;
      try {
        return await work;
      } finally {
        abroad -= 1;
      }
    },
    note,
    digest: () => trace.copy().digest("hex").slice(0, 16),
  };
  return kernel;
}

/**
 * Lets WebCrypto’s work be awaited within its step for as long as `work` runs.
 *
 * @param kernel is asked for each time: runs come one after the other.
 */
export async function withPoolAwaited<Result>(
  kernel: () => Kernel | null,
  work: () => Promise<Result>,
): Promise<Result> {
  const { subtle } = globalThis.crypto;
  const names = ["verify", "sign", "importKey", "digest", "encrypt", "decrypt"] as const;
  for (const name of names) {
    const original: (...args: never[]) => Promise<unknown> = subtle[name];
    const counted = (...args: never[]) => {
      const result = original.apply(subtle, args);
      return kernel()?.outside(result) ?? result;
    };
    Object.defineProperty(subtle, name, { value: counted, configurable: true });
  }
  try {
    return await work();
  } finally {
    // The prototype’s own ones are there again.
    for (const name of names) Reflect.deleteProperty(subtle, name);
  }
}

import { errorName } from "../config/error-name";
import type { Log } from "../config/log.server";

/** What goes on after the answer is out. A stop waits for it. */
export interface Background {
  /** Lets a stop wait for something that somebody else looks after. */
  track<Result>(work: Promise<Result>): Promise<Result>;
  /**
   * Does something that nobody waits for. What goes wrong in it is logged, and ends nothing else.
   *
   * @param work is given a signal that aborts when the process stops: hurry.
   */
  run(work: (stopping: AbortSignal) => Promise<unknown>): void;
  /** Resolves when there is nothing any more. */
  settled(): Promise<void>;
}

export function createBackground(stopping: AbortSignal, log: Log): Background {
  const all = new Set<Promise<void>>();
  function track<Result>(work: Promise<Result>): Promise<Result> {
    const forget = () => {
      all.delete(tracked);
    };
    const tracked: Promise<void> = work.then(forget, forget);
    all.add(tracked);
    return work;
  }
  return {
    track,
    run(work) {
      void track(
        work(stopping).catch((error: unknown) => {
          log.error("unexpected_error", { cause: errorName(error) });
        }),
      );
    },
    async settled() {
      while (all.size > 0) await Promise.all(all);
    },
  };
}

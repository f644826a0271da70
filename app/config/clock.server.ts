/** The time, passed in everywhere so that tests and the simulator can move it. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A deadline: its signal aborts after `ms` milliseconds, unless it was cancelled before. */
export interface Deadline {
  signal: AbortSignal;
  cancel(): void;
  /** Counts from now on anew, for what may last as long as it moves. */
  restart(): void;
}

export function deadlineAfter(clock: Clock, ms: number): Deadline {
  const abort = new AbortController();
  let cancel = start();
  function start(): () => void {
    const done = new AbortController();
    void clock.sleep(ms, done.signal).then(() => {
      if (!done.signal.aborted) abort.abort();
    });
    return () => done.abort();
  }
  return {
    signal: abort.signal,
    cancel: () => cancel(),
    restart() {
      cancel();
      cancel = start();
    },
  };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const finish = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal?.addEventListener("abort", finish, { once: true });
    });
  },
};

/** Lets callers do something one at a time, in the order in which they came. */
export interface Turns {
  /**
   * Waits for a turn, at most `waitMs`.
   *
   * @returns what to call when the turn is over, or null when it didn’t come in time.
   */
  take(waitMs: number): Promise<(() => void) | null>;
}

export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return {
    async take(waitMs) {
      const before = last;
      let done = () => {};
      last = new Promise((resolve) => {
        done = resolve;
      });
      if (await settlesWithin(before, waitMs)) return done;
      // Whoever waits behind still has to wait for those before.
      void before.then(done);
      return null;
    },
  };
}

async function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = await Promise.race([promise.then(() => true), timeout]);
  clearTimeout(timer);
  return settled;
}

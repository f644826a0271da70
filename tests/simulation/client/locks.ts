import type { Kernel } from "../kernel";

interface Request {
  owner: string;
  act: () => unknown;
  give(result: unknown): void;
  fail(error: unknown): void;
}

/** One lock of a browser’s (Web Locks): held by one tab at a time, in the order of asking. */
export class Locks {
  readonly #kernel: Kernel;
  #held: Request | null = null;
  #queue: Request[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** What a tab sees of it. @param count is told +1 and -1 around each request. */
  of(owner: string, count: (by: 1 | -1) => void): Pick<LockManager, "request"> {
    const request = (_name: string, { signal }: LockOptions, act: () => unknown) => {
      count(1);
      return new Promise((give, fail) => {
        const mine: Request = { owner, act, give, fail };
        signal?.addEventListener("abort", () => {
          if (!this.#queue.includes(mine)) return;
          this.#queue = this.#queue.filter((other) => other !== mine);
          fail(signal.reason);
        });
        this.#queue.push(mine);
        this.#next();
      }).finally(() => count(-1));
    };
    return { request: request as LockManager["request"] };
  }

  /** A tab that is gone holds nothing and waits for nothing. */
  drop(owner: string): void {
    this.#queue = this.#queue.filter((request) => request.owner !== owner);
    if (this.#held?.owner === owner) this.#held = null;
    this.#next();
  }

  #next(): void {
    const next = this.#held ? undefined : this.#queue.shift();
    if (next === undefined) return;
    this.#held = next;
    void this.#kernel.wait(next.owner, "has the lock", 0).then(async () => {
      try {
        next.give(await next.act());
      } catch (error) {
        next.fail(error);
      }
      if (this.#held === next) this.#held = null;
      this.#next();
    });
  }
}

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The app’s way to Google, as a test watches it and leads it astray. */
export interface Network {
  fetch: typeof fetch;
  /** Requests that nobody has answered yet. */
  readonly underWay: number;
  /** How often the app has asked for `path`, whoever was there to answer. */
  asked(path: string): number;
  /** From now on requests for `path` go to `address` instead. */
  divert(path: string, address: string): void;
  /** Puts everything right again. */
  restore(): void;
}

export function createNetwork(): Network {
  const diversions = new Map<string, string>();
  let asked: string[] = [];
  let underWay = 0;
  return {
    async fetch(input, init) {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      asked.push(pathname);
      underWay += 1;
      try {
        return await fetch(diversions.get(pathname) ?? input, init);
      } finally {
        underWay -= 1;
      }
    },
    get underWay() {
      return underWay;
    },
    asked: (path) => asked.filter((each) => each === path).length,
    divert: (path, address) => void diversions.set(path, address),
    restore() {
      diversions.clear();
      asked = [];
    },
  };
}

/** A server that answers everybody and notes it: nobody is to come by here. */
export async function startElsewhere() {
  let visits = 0;
  const server = createServer((_request, response) => {
    visits += 1;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/token`,
    get visits() {
      return visits;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** An address where nobody listens any more. */
export async function closedAddress(): Promise<string> {
  const elsewhere = await startElsewhere();
  await elsewhere.stop();
  return elsewhere.address;
}

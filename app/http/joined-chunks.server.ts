import type { IncomingMessage } from "node:http";

const counts = new WeakMap<object, number>();

/** How many chunks of a request’s body have come so far; 0 where nobody counts. */
export function chunksOf(request: IncomingMessage | undefined): number {
  return (request && counts.get(request)) ?? 0;
}

/**
 * Hands on what one turn of the event loop brings of a request’s body as one piece, and counts its
 * chunks (RFC 9112 7.1). Node makes a piece of each, and each costs whoever reads it some microseconds:
 * 64 KB can hold 10,000 of them.
 */
export function joinChunks(request: IncomingMessage): void {
  const push = request.push.bind(request);
  let waiting: Uint8Array[] = [];
  counts.set(request, 0);

  function handOn(): void {
    const [first, ...more] = waiting;
    waiting = [];
    if (first !== undefined) push(more.length === 0 ? first : Buffer.concat([first, ...more]));
  }

  request.push = (chunk: Uint8Array | null) => {
    if (chunk === null) {
      handOn();
      return push(null);
    }
    counts.set(request, chunksOf(request) + 1);
    if (waiting.push(chunk) === 1) setImmediate(handOn);
    // So the socket is read on when what waits has been handed on and somebody wants more.
    return false;
  };
}

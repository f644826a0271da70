import type { IncomingMessage } from "node:http";

/** What @hono/node-server hands over of Node’s own; absent where no socket is (tests, development). */
export interface NodeBindings {
  incoming?: IncomingMessage;
  outgoing?: { destroy(): void };
}

/** Node’s side of a request. */
export function nodeOf({ env }: { env: unknown }): NodeBindings {
  return (env ?? {}) as NodeBindings;
}

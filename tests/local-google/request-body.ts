import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

const bodies = new WeakMap<IncomingMessage, Buffer>();

/**
 * Reads the whole body ahead of oidc-provider, so that the call log and the faults see what was
 * sent, and lets oidc-provider read it once more as if nothing had happened.
 */
export async function readBodyAhead(request: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  bodies.set(request, body);
  Object.defineProperties(request, {
    readable: { value: true },
    iterator: { value: () => Readable.from([body]) },
  });
}

export function bodyOf(request: IncomingMessage): Buffer {
  return bodies.get(request) ?? Buffer.alloc(0);
}

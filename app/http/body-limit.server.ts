import type { Context, MiddlewareHandler } from "hono";
import { chunksOf } from "./joined-chunks.server";
import { nodeOf } from "./node-bindings";
import { START_PAGE } from "./plain-page.server";
import { refuse } from "./refusal.server";

/** The longest that a form of this app gets is some 10 KB; a security event has its own, smaller limit. */
const MAX_BYTES = 131_072;
/** Each chunk costs time of its own, however small. The network’s pieces are over a KB. */
const MAX_CHUNKS = 256;

type BodyRead =
  | { kind: "whole"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "too_large" }
  | { kind: "broken" };

/**
 * Reads a body before anything else does, up to `maxBytes`. So what is behind has it whole or not at
 * all: a client that breaks off in the middle of it is no mistake of this app’s, and gets 400.
 */
export function wholeBody(
  maxBytes: number,
  answerTooLarge: (context: Context) => Response | Promise<Response>,
): MiddlewareHandler {
  return async (context, next) => {
    const { raw } = context.req;
    if (raw.method === "GET" || raw.method === "HEAD" || raw.body === null) return next();
    if (Number(raw.headers.get("Content-Length")) > maxBytes) return answerTooLarge(context);
    const { incoming } = nodeOf(context);
    const read = await readWhole(
      raw.body,
      (bytes) => bytes > maxBytes || chunksOf(incoming) > MAX_CHUNKS,
    );
    if (read.kind === "too_large") return answerTooLarge(context);
    if (read.kind === "broken") return context.body(null, 400, { "Cache-Control": "no-store" });
    const { url, method, headers, signal } = raw;
    // From its parts: in development it is no `Request` that another could be made of.
    context.req.raw = new Request(url, { method, headers, signal, body: read.bytes });
    return next();
  };
}

async function readWhole(
  body: ReadableStream<Uint8Array>,
  isTooMuch: (bytes: number) => boolean,
): Promise<BodyRead> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { kind: "whole", bytes: new Uint8Array(Buffer.concat(pieces)) };
      size += value.length;
      if (isTooMuch(size)) return { kind: "too_large" };
      pieces.push(value);
    }
  } catch {
    return { kind: "broken" };
  }
}

/** Refuses bodies that would fill the memory, also such as don’t say how long they are. */
export const limitedBody: MiddlewareHandler = wholeBody(MAX_BYTES, (context) =>
  refuse(context, 413, "body_too_large", {
    title: "That is too much at once",
    message: "What was sent is larger than any form here. Please shorten it.",
    next: START_PAGE,
  }),
);

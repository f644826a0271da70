import type { Clock } from "../config/clock.server";
import { ToldError } from "../config/told-error";

/** A request's body: whole where it is small, and can then be sent again; null where there is none. */
export type ForwardedBody = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;

/** A body up to this size is kept, to be sent again with a new token. */
const KEPT_BYTES = 65_536;

/** Small bodies whole, whether their length was told or not; others as they come. */
export async function bodyOf({ body }: Pick<Request, "body">): Promise<ForwardedBody> {
  if (body === null) return null;
  const reader = body.getReader();
  const kept: Uint8Array[] = [];
  let size = 0;
  while (size <= KEPT_BYTES) {
    const { done, value } = await reader.read();
    if (done) return size === 0 ? null : new Uint8Array(Buffer.concat(kept));
    kept.push(value);
    size += value.byteLength;
  }
  return new ReadableStream({
    async pull(controller) {
      const next = kept.shift();
      if (next !== undefined) return controller.enqueue(next);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Why a body was given up: its source was silent too long, broke off, or may be listened to no more. */
export type BrokenOff = "timeout" | "network" | "ended";

export interface BodyLimits {
  clock: Clock;
  /** How long its source may say nothing, in ms. */
  silenceMs: number;
  /** Whether what has come may still be handed on. */
  mayGoOn(): boolean;
  /** Tells whoever should know of it; the error that follows is then told to nobody. */
  onBroken(cause: BrokenOff): void;
}

/**
 * A body that may last as long as it keeps coming, such as a stream of events. Given up, it ends in
 * an error, so that no half of one passes for the whole. Only the source's silence counts, not a slow
 * reader's.
 */
export function limitBody(
  body: ReadableStream<Uint8Array>,
  { clock, silenceMs, mayGoOn, onBroken }: BodyLimits,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let readerLeft = false;

  async function next() {
    const heard = new AbortController();
    const read = await Promise.race([
      reader.read().catch(() => "network" as const),
      clock.sleep(silenceMs, heard.signal).then(() => "timeout" as const),
    ]);
    heard.abort();
    return mayGoOn() ? read : "ended";
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const read = await next();
        if (readerLeft) return;
        if (typeof read === "string") {
          onBroken(read);
          controller.error(new ToldError(`A forwarded body was given up: ${read}`));
          await reader.cancel().catch(() => undefined);
        } else if (read.done) controller.close();
        else controller.enqueue(read.value);
      },
      async cancel(reason) {
        readerLeft = true;
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

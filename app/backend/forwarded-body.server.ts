import type { Clock } from "../config/clock.server";
import { ToldError } from "../config/told-error";

/** A request’s body: whole where it is small, and can then be sent again; null where there is none. */
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
  /** Whether it may still be listened to; asked of each piece, and every second whatever happens. */
  mayGoOn(): boolean;
  /** Tells whoever should know of it; the error that follows is then told to nobody. */
  onBroken(cause: BrokenOff): void;
}

const ASK_EVERY_MS = 1000;

/**
 * A body that may last as long as it keeps coming, such as a stream of events. Given up, it ends in
 * an error at once, read or not, so that no half of one passes for the whole. Only the source’s
 * silence counts, not a slow reader’s.
 */
export function limitBody(
  body: ReadableStream<Uint8Array>,
  { clock, silenceMs, mayGoOn, onBroken }: BodyLimits,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const over = new AbortController();

  async function next() {
    const heard = new AbortController();
    const read = await Promise.race([
      reader.read().catch(() => "network" as const),
      clock.sleep(silenceMs, heard.signal).then(() => "timeout" as const),
    ]);
    heard.abort();
    return mayGoOn() ? read : "ended";
  }

  function giveUp(controller: ReadableStreamDefaultController, cause: BrokenOff): void {
    over.abort();
    onBroken(cause);
    controller.error(new ToldError(`A forwarded body was given up: ${cause}`));
    void reader.cancel().catch(() => undefined);
  }

  async function watch(controller: ReadableStreamDefaultController): Promise<void> {
    for (;;) {
      await clock.sleep(ASK_EVERY_MS, over.signal);
      if (over.signal.aborted) return;
      if (!mayGoOn()) return giveUp(controller, "ended");
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      // A source that says nothing, or a reader that takes nothing, would hold it open.
      start: (controller) => void watch(controller),
      async pull(controller) {
        const read = await next();
        if (over.signal.aborted) return;
        if (typeof read === "string") return giveUp(controller, read);
        if (!read.done) return controller.enqueue(read.value);
        over.abort();
        controller.close();
      },
      async cancel(reason) {
        over.abort();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

import { errorName } from "../config/error-name";
import type { Log } from "../config/log.server";
import { ToldError } from "../config/told-error";
import type { NodeBindings } from "./node-bindings";

/**
 * A body that may break on its way. The server would write the whole error to standard error and a
 * client could take what came for all; here the log gets its class, and the connection is cut.
 *
 * @param gone aborts when the client goes away, which breaks bodies too and is nothing to say.
 */
export function guardedBody(
  body: ReadableStream<Uint8Array>,
  { log, gone, node }: { log: Log; gone: AbortSignal; node: NodeBindings },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let clientLeft = false;

  function breakOff(controller: ReadableStreamDefaultController, error: unknown): void {
    if (clientLeft) return;
    const toSay = !gone.aborted && !(error instanceof ToldError);
    if (toSay) log.error("answer_broken", { cause: errorName(error) });
    if (node.outgoing === undefined) controller.error(error);
    else {
      node.outgoing.destroy();
      controller.close();
    }
  }

  return new ReadableStream(
    {
      // At once, not when a client comes to read: one that doesn’t would be kept for ever.
      start: (controller) =>
        void reader.closed.catch((error: unknown) => breakOff(controller, error)),
      async pull(controller) {
        const read = await reader.read().catch(() => null);
        if (read === null) return;
        if (read.done) controller.close();
        else controller.enqueue(read.value);
      },
      cancel(reason) {
        clientLeft = true;
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

import { PassThrough } from "node:stream";
import {
  createReadableStreamFromReadable,
  type EntryContext,
  type HandleErrorFunction,
} from "@remix-run/node";
import { RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";
import type { RequestContext } from "./auth/request-context.server";
import { errorName } from "./config/error-name";
import { NonceContext } from "./ui/nonce";

/** How long a page may wait for deferred data. */
export const streamTimeout = 8000;

/** Renders a page: crawlers get it whole, browsers from the first byte that is ready. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  { nonce, log }: RequestContext,
): Promise<Response> {
  const whole = isbot((request.headers.get("User-Agent") ?? "").slice(0, 512));
  return new Promise((resolve, reject) => {
    let shellIsOut = false;
    let finalStatus = status;
    const send = () => {
      shellIsOut = true;
      const body = new PassThrough();
      headers.set("Content-Type", "text/html; charset=utf-8");
      resolve(
        new Response(createReadableStreamFromReadable(body), { status: finalStatus, headers }),
      );
      pipe(body);
    };
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} nonce={nonce} />
      </NonceContext.Provider>,
      {
        nonce,
        onShellReady() {
          if (!whole) send();
        },
        onAllReady() {
          clearTimeout(late);
          if (whole) send();
        },
        onShellError(error: unknown) {
          clearTimeout(late);
          reject(error);
        },
        onError(error: unknown) {
          finalStatus = 500;
          // Before the shell is out, the rejection tells; after it, nobody else would.
          if (shellIsOut && !request.signal.aborted) {
            log.error("render_failed", { cause: errorName(error) });
          }
        },
      },
    );
    // Left to run, it would hold all that the page was made of, for seconds after it was sent.
    const late = setTimeout(abort, streamTimeout + 1000).unref();
  });
}

/** What loaders and actions throw by mistake: its class, never its text. */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
  if (request.signal.aborted) return;
  context.log.error("unexpected_error", { cause: errorName(error) });
};

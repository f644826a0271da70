import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Log } from "../config/log.server";
import { createEarlyAnswers } from "./early-answers.server";
import { MAX_HEADER_BYTES } from "./header-budget.server";

export interface Listening {
  /** Where the server really listens, which a port of 0 leaves to the system. */
  port: number;
  /** Takes no more requests, lets those that run finish, then drops idle connections. */
  close(): Promise<void>;
}

/** Serves HTTP; resolves when the port is open, rejects when it can't be had. */
export function listen(
  fetch: (request: Request, env?: object) => Response | Promise<Response>,
  settings: { host: string | undefined; port: number; appOrigin: string },
): Promise<Listening> {
  const { onError, onRequest, onClientError } = createEarlyAnswers(settings.appOrigin);
  const server = createServer(
    // Without `Host` there is no address: said by `onError`, with headers that Node wouldn't send.
    { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false },
    getRequestListener(fetch, { errorHandler: onError }),
  );
  server.prependListener("request", onRequest);
  server.on("clientError", onClientError);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : settings.port;
      resolve({ port, close: () => close(server) });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

/** How long a stop waits for requests that still run. */
const GRACE_MS = 10_000;

/** Stops in order on SIGTERM and SIGINT, and within ten seconds in any case. */
export function stopOnSignal(log: Log, stop: () => Promise<void>): void {
  const onSignal = (signal: string) => {
    log.info("sys_shutdown", { signal });
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    void stop().then(() => process.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => onSignal(signal));
}

import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { Log } from "../config/log.server";

export interface Listening {
  /** Where the server really listens, which a port of 0 leaves to the system. */
  port: number;
  /** Takes no more requests, lets those that run finish, then drops idle connections. */
  close(): Promise<void>;
}

/** Serves HTTP; resolves when the port is open, rejects when it can't be had. */
export function listen(
  fetch: (request: Request, env?: object) => Response | Promise<Response>,
  address: { host: string | undefined; port: number },
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch, port: address.port, ...(address.host && { hostname: address.host }) },
      (info) => resolve({ port: info.port, close: () => close(server as Server) }),
    );
    server.once("error", reject);
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

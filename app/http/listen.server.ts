import type { Server, ServerResponse } from "node:http";
import { serve } from "@hono/node-server";

export interface Listening {
  /** Where the server really listens, which a port of 0 leaves to the system. */
  port: number;
  /** How many requests have no whole answer yet. */
  running(): number;
  /** From now on each answer ends its connection. New ones are still taken. */
  releaseConnections(): void;
  /** Takes no more connections; resolves when the requests that run have their answers. */
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
      (info) => resolve({ port: info.port, ...connectionsOf(server as Server) }),
    );
    // It stays: a connection that can't be taken later (no file handle is free) must not end the process.
    server.on("error", reject);
  });
}

function connectionsOf(server: Server): Omit<Listening, "port"> {
  const answers = new Set<ServerResponse>();
  let releasing = false;
  // First, as the answer may be written before a later listener hears of the request.
  server.prependListener("request", (_, answer) => {
    answers.add(answer);
    if (releasing) answer.shouldKeepAlive = false;
    answer.once("close", () => {
      answers.delete(answer);
      // One whose head was sent before couldn't say that its connection ends.
      if (releasing) setImmediate(() => server.closeIdleConnections());
    });
  });
  return {
    running: () => answers.size,
    releaseConnections() {
      releasing = true;
      for (const answer of answers) if (!answer.headersSent) answer.shouldKeepAlive = false;
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
  };
}

import { createServer, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createEarlyAnswers } from "./early-answers.server";
import { MAX_HEADER_BYTES } from "./request-budget.server";

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
    // It stays: a connection that can't be taken later (no file handle is free) must not end the process.
    server.on("error", reject);
    server.listen(settings.port, settings.host, () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : settings.port;
      resolve({ port, ...connectionsOf(server) });
    });
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

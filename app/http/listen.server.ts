import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createEarlyAnswers, FAREWELL_MS } from "./early-answers.server";
import { joinChunks } from "./joined-chunks.server";
import { MAX_HEADER_BYTES } from "./request-budget.server";
import { completeTarget } from "./request-target.server";

/**
 * How long an idle connection is kept: longer than proxies keep theirs (nginx and AWS 60 s), or one
 * could send a request into a connection that is being closed here. Node’s other limits fit: 60 s for
 * a request’s head, 300 s for all of it, both from its first byte.
 */
const KEEP_ALIVE_MS = 75_000;

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

/** Serves HTTP; resolves when the port is open, rejects when it can’t be had. */
export function listen(
  fetch: (request: Request, env?: object) => Response | Promise<Response>,
  settings: { host: string | undefined; port: number; appOrigin: string },
): Promise<Listening> {
  const early = createEarlyAnswers(settings.appOrigin);
  const answer = getRequestListener(fetch, {
    errorHandler: early.onError,
    autoCleanupIncoming: false,
  });
  const { host } = new URL(settings.appOrigin);
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Judged by `completeTarget`: Node’s refusal would lack our headers.
      requireHostHeader: false,
    },
    (request, response) => {
      if (completeTarget(request, host)) void answer(request, response);
      else early.refuse(response, 400);
    },
  );
  server.prependListener("request", early.onRequest);
  server.prependListener("request", endUnreadBody);
  server.prependListener("request", joinChunks);
  server.on("checkExpectation", (_, response) => early.refuse(response, 417));
  server.on("clientError", early.onClientError);
  return new Promise((resolve, reject) => {
    // It stays: a connection that can’t be taken later (no file handle is free) must not end the process.
    server.on("error", reject);
    server.listen(settings.port, settings.host, () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : settings.port;
      resolve({ port, ...connectionsOf(server) });
    });
  });
}

/**
 * Ends the connection of a request that was answered before its body was read: reading what nobody
 * wants costs time, and as much as the client likes. It closes a little later, since closing on unread
 * bytes would take the answer away.
 */
function endUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  response.once("finish", () => {
    if (request.complete) return;
    const { socket } = request;
    // Node reads the rest of a body that nobody has asked for, and begins in the next turn.
    setImmediate(() => socket.pause());
    socket.end();
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  });
}

function connectionsOf(server: Server): Omit<Listening, "port"> {
  const answers = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  let state: "open" | "releasing" | "closing" = "open";
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // Node’s own `closeIdleConnections` leaves those that never asked for anything, or not yet to the end.
  const closeUnused = () => {
    const used = new Set([...answers].map(({ req }) => req.socket));
    for (const socket of sockets) if (!used.has(socket)) socket.destroy();
  };
  // First, as the answer may be written before a later listener hears of the request.
  server.prependListener("request", (_, answer) => {
    answers.add(answer);
    if (state !== "open") answer.shouldKeepAlive = false;
    answer.once("close", () => {
      answers.delete(answer);
      // One whose head was sent before couldn’t say that its connection ends.
      if (state === "releasing") setImmediate(() => server.closeIdleConnections());
      if (state === "closing") setImmediate(closeUnused);
    });
  });
  return {
    running: () => answers.size,
    releaseConnections() {
      state = "releasing";
      for (const answer of answers) if (!answer.headersSent) answer.shouldKeepAlive = false;
    },
    close() {
      return new Promise((resolve) => {
        state = "closing";
        server.close(() => resolve());
        closeUnused();
      });
    },
  };
}

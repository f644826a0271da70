import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { RequestError } from "@hono/node-server";
import { type CookiePolicy, cookiePolicy, deleteCookie } from "../session/cookie-header.server";
import { plainHtml } from "./plain-page.server";
import { HEADERS_TOO_LARGE } from "./request-budget.server";
import { bareSecurityHeaders } from "./security-headers.server";

/** How long a client may take to read why it was refused, in ms. */
export const FAREWELL_MS = 2000;

/** What Node’s parser says of a request, as a status (as Node itself answers). */
const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers to what never becomes a request for the pipeline, with the headers that every answer has. */
export interface EarlyAnswers {
  /** For a request whose address makes no sense, or a pipeline that failed as a whole. */
  onError(error: unknown): Response;
  /** Answers what was read, but is nothing for the pipeline. */
  refuse(response: ServerResponse, status: 400 | 417): void;
  /** Notes that this connection has an answer under way, which nothing may be written into. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** For bytes that are no HTTP request, one with headers beyond any measure, or a body that is none. */
  onClientError(error: NodeJS.ErrnoException, socket: Duplex): Promise<void>;
}

export function createEarlyAnswers(appOrigin: string): EarlyAnswers {
  const headers = bareSecurityHeaders(appOrigin);
  const policy = cookiePolicy(appOrigin);
  const answering = new WeakMap<Duplex, Set<Exchange>>();
  return {
    // Headers of its own: the server writes into those of an answer.
    onError: (error) =>
      new Response("", {
        status: error instanceof RequestError ? 400 : 500,
        headers: { ...headers },
      }),

    refuse(response, status) {
      response.writeHead(status, { ...headers, Connection: "close", "Content-Length": 0 }).end();
    },

    onRequest(request, response) {
      const exchange = { request, response };
      const exchanges = answering.get(request.socket) ?? new Set();
      answering.set(request.socket, exchanges.add(exchange));
      response.once("close", () => exchanges.delete(exchange));
    },

    async onClientError({ code }, socket) {
      if (code === "ECONNRESET" || !socket.writable || !canBeTold(answering.get(socket))) {
        socket.destroy();
        return;
      }
      const status = STATUS_OF[code ?? ""] ?? 400;
      const body = status === 431 ? String(await plainHtml(HEADERS_TOO_LARGE)) : "";
      const cookies = status === 431 ? clearBlindly(policy) : [];
      socket.end(answerText(status, headers, cookies, body));
      // The rest is read and dropped: closing on unread bytes would take the answer away.
      socket.removeAllListeners("data").on("data", () => {});
      const late = AbortSignal.timeout(FAREWELL_MS);
      late.addEventListener("abort", () => socket.destroy());
    },
  };
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Whether what is written now is the answer to the bytes that were wrong: nothing else is under way, or
 * only the request whose body they are, with no word of its answer sent.
 */
function canBeTold(exchanges: ReadonlySet<Exchange> = new Set()): boolean {
  const [first, ...others] = exchanges;
  if (first === undefined) return true;
  return others.length === 0 && !first.request.complete && !first.response.headersSent;
}

/** Nobody knows which cookies came: those whose names are known are deleted. */
function clearBlindly(policy: CookiePolicy): string[] {
  return ["", ".0", ".1", "-hint"].map((end) => deleteCookie(policy, policy.name + end));
}

function answerText(
  status: number,
  headers: Readonly<Record<string, string>>,
  cookies: readonly string[],
  body: string,
): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...cookies.map((cookie) => `Set-Cookie: ${cookie}`),
    ...(body === "" ? [] : ["Content-Type: text/html; charset=utf-8"]),
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}

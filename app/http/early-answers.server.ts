import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { RequestError } from "@hono/node-server";
import { type CookiePolicy, cookiePolicy, deleteCookie } from "../session/cookie-header.server";
import { HEADERS_TOO_LARGE } from "./request-budget.server";
import { plainHtml } from "./plain-page.server";
import { bareSecurityHeaders } from "./security-headers.server";

/** How long a client may take to read why it was refused, in ms. */
const FAREWELL_MS = 2000;

/** What Node's parser says of a request, as a status (as Node itself answers). */
const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers to what never becomes a request for the pipeline, with the headers that every answer has. */
export interface EarlyAnswers {
  /** For a request whose address makes no sense, or a pipeline that failed as a whole. */
  onError(error: unknown): Response;
  /** Notes that this connection has an answer under way, which nothing may be written into. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** For bytes that are no HTTP request, or one with headers beyond any measure. */
  onClientError(error: NodeJS.ErrnoException, socket: Duplex): Promise<void>;
}

export function createEarlyAnswers(appOrigin: string): EarlyAnswers {
  const headers = bareSecurityHeaders(appOrigin);
  const policy = cookiePolicy(appOrigin);
  const answering = new WeakSet<Duplex>();
  return {
    onError: (error) =>
      new Response("", { status: error instanceof RequestError ? 400 : 500, headers }),

    onRequest({ socket }, response) {
      answering.add(socket);
      response.once("close", () => answering.delete(socket));
    },

    async onClientError({ code }, socket) {
      if (code === "ECONNRESET" || !socket.writable || answering.has(socket)) {
        socket.destroy();
        return;
      }
      answering.add(socket);
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

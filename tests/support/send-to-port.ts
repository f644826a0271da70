import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request as send } from "node:http";
import { Readable } from "node:stream";

/**
 * Sends a request to a port of this machine, whatever host its address names. Redirects are answers. By
 * Node’s own client: `fetch` lets nobody say which host is asked for.
 */
export async function sendToPort(
  port: number,
  request: Request,
  host = "127.0.0.1",
): Promise<Response> {
  const url = new URL(request.url);
  const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
  const headers: OutgoingHttpHeaders = { Host: url.host, ...Object.fromEntries(request.headers) };
  const { method, signal } = request;
  const sent = send({
    port,
    host,
    path: url.pathname + url.search,
    method,
    headers,
    signal,
  });
  sent.end(body ?? undefined);
  const [answer]: IncomingMessage[] = await once(sent, "response");
  if (answer === undefined) throw new Error("No answer came");
  const { statusCode: status = 0, rawHeaders } = answer;
  const answered = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    answered.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  }
  const empty = method === "HEAD" || [204, 205, 304].includes(status);
  if (empty) answer.resume();
  const stream = empty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
  return new Response(stream, { status, headers: answered });
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";

/** A request as it arrived. */
export interface BackendCall {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
  /** The person, as Google’s tokeninfo names them; null where the token was no good. */
  sub: string | null;
  /** Settles when the answer is over: `whole`, or `cut` when the caller left before its end. */
  over: Promise<"whole" | "cut">;
}

export interface SampleBackend {
  origin: string;
  calls: BackendCall[];
  /** People it has been told of, by id. */
  users: Map<string, unknown>;
  /** Answers the next requests so, instead of as itself; `hang` answers nothing. */
  next: (Answer | "hang")[];
  stop(): Promise<void>;
}

interface Answer {
  status: number;
  headers?: Record<string, string | string[]>;
  /** A stream is sent as it comes, and cut off where it throws. */
  body?: string | AsyncIterable<string>;
}

/**
 * An API server of one’s own as it should be: it believes nobody but Google. Each request’s access
 * token goes to tokeninfo, which has to name our client; only then is it somebody’s.
 */
export async function startSampleBackend(google: {
  issuer: string;
  clientId: string;
}): Promise<SampleBackend> {
  const server = createServer((request, response) => {
    // A caller that leaves in the middle of its own body.
    respond(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const backend: SampleBackend = {
    origin: `http://127.0.0.1:${port}`,
    calls: [],
    users: new Map(),
    next: [],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function personOf(request: IncomingMessage): Promise<string | null> {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) return null;
    const answer = await fetch(`${google.issuer}/tokeninfo`, {
      method: "POST",
      body: new URLSearchParams({ access_token: token }),
    });
    const info = (await answer.json()) as { aud?: string; sub?: string };
    return answer.ok && info.aud === google.clientId ? (info.sub ?? null) : null;
  }

  async function respond(request: IncomingMessage, response: ServerResponse) {
    const { method = "", url = "", headers } = request;
    const [sub, body] = await Promise.all([personOf(request), textOf(request)]);
    const over = new Promise<"whole" | "cut">((resolve) => {
      response.once("close", () => resolve(response.writableFinished ? "whole" : "cut"));
    });
    backend.calls.push({ method, url, headers, body, sub, over });
    const played = backend.next.shift();
    if (played === "hang") return;
    const answer = played ?? answerTo(method, url, body, sub);
    response.writeHead(answer.status, answer.headers);
    if (answer.body === undefined || typeof answer.body === "string") {
      response.end(answer.body);
      return;
    }
    response.flushHeaders();
    // Whoever leaves before the end, or a stream that throws, ends in a cut connection.
    await pipeline(answer.body, response).catch(() => undefined);
  }

  function answerTo(method: string, url: string, body: string, sub: string | null): Answer {
    const json = { "Content-Type": "application/json" };
    if (sub === null) return { status: 401, headers: json, body: '{"error":"invalid_token"}' };
    if (method === "POST" && url === "/api/user") {
      const user = JSON.parse(body) as { id?: unknown };
      if (user.id !== sub) return { status: 403, headers: json, body: '{"error":"not_you"}' };
      backend.users.set(sub, user);
      return { status: 201, headers: json, body: "{}" };
    }
    return { status: 200, headers: json, body: JSON.stringify({ method, url, sub, body }) };
  }

  return backend;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

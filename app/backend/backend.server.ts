import { deadlineAfter } from "../config/clock.server";
import { exchange, type Http } from "../google/http.server";
import type { ForwardedBody } from "./forwarded-body.server";

/** Somebody who signs in, as the backend is told. */
export interface BackendUser {
  id: string;
  name: string;
  email: string;
  image: string | null;
}

/** - `refused`: 4xx; the backend doesn’t want this person. - `unavailable`: no answer in time, or another one. */
export type Admission = "admitted" | "refused" | "unavailable";

export interface BackendRequest {
  method: string;
  /** Path and query, as `backendPath` allowed it. */
  path: string;
  headers: Headers;
  body: ForwardedBody;
  /** Aborts when the browser goes away. */
  signal: AbortSignal;
}

/** `left`: the browser has gone away; nobody reads what becomes of it. */
export type BackendAnswer =
  | { kind: "answer"; response: Response }
  | { kind: "no_answer"; cause: "timeout" | "network" | "left" };

/** An API server of one’s own, at `BACKEND_ORIGIN`, that trusts Google’s access tokens. */
export interface Backend {
  readonly origin: string;
  /** Tells it who signs in, and asks whether they may. */
  admit(user: BackendUser, accessToken: string): Promise<Admission>;
  /** Sends a request on; the answer’s body is still to come. Never throws. */
  send(request: BackendRequest): Promise<BackendAnswer>;
}

/** A person waits for it, in the middle of signing in. */
const ADMIT_DEADLINE_MS = 5000;
/** From the request to the answer’s headers. */
const READ_DEADLINE_MS = 10_000;
/** The same for what writes: given up, it leaves nobody knowing what it did. An upload may take longer, as long as it moves. */
const WRITE_DEADLINE_MS = 60_000;

export function createBackend(http: Http, origin: string): Backend {
  return {
    origin,

    async admit(user, accessToken) {
      const answer = await exchange(
        http,
        {
          url: `${origin}/api/user`,
          method: "POST",
          headers: {
            Authorization: `Bearer ${accessToken}`,
            "Content-Type": "application/json",
          },
          body: JSON.stringify(user),
        },
        { deadlineMs: ADMIT_DEADLINE_MS },
      );
      if (answer.kind === "no_answer") return "unavailable";
      if (answer.status >= 200 && answer.status < 300) return "admitted";
      return answer.status >= 400 && answer.status < 500 ? "refused" : "unavailable";
    },

    async send({ path, signal, body, ...request }) {
      const deadlineMs = body === null ? READ_DEADLINE_MS : WRITE_DEADLINE_MS;
      const headersIn = deadlineAfter(http.clock, deadlineMs);
      try {
        const response = await http.fetch(origin + path, {
          ...request,
          redirect: "manual",
          signal: AbortSignal.any([signal, headersIn.signal]),
          ...(body instanceof ReadableStream
            ? { body: noticing(body, headersIn.restart), duplex: "half" }
            : { body }),
        });
        return { kind: "answer", response };
      } catch {
        if (signal.aborted) return { kind: "no_answer", cause: "left" };
        return { kind: "no_answer", cause: headersIn.signal.aborted ? "timeout" : "network" };
      } finally {
        headersIn.cancel();
      }
    },
  };
}

function noticing(body: ReadableStream<Uint8Array>, onPiece: () => void) {
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        onPiece();
        controller.enqueue(piece);
      },
    }),
  );
}

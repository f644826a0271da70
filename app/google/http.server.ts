import { type Clock, deadlineAfter } from "../config/clock.server";

/** What every call to Google needs from outside. */
export interface Http {
  fetch: typeof fetch;
  clock: Clock;
}

export interface HttpRequest {
  url: string;
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Record<string, string>;
  body?: URLSearchParams | string;
}

export interface HttpLimits {
  /** From the start of the request to the last byte of the answer. */
  deadlineMs: number;
  maxBytes: number;
}

/** `no_answer` tells the class of failure only: an error’s text may hold what was sent. */
export type HttpAnswer =
  | { kind: "answer"; status: number; headers: Headers; body: string }
  | { kind: "no_answer"; cause: "timeout" | "too_large" | "network"; detail: string };

/** Google’s answers are a few KB; more than this is not one. */
const DEFAULT_LIMITS: HttpLimits = { deadlineMs: 5000, maxBytes: 65_536 };

/**
 * One HTTP exchange that always ends: a deadline over headers and body, a bounded body, and no
 * redirect followed, since that would carry credentials to another host (TR-20).
 */
export async function exchange(
  http: Http,
  request: HttpRequest,
  limits: Partial<HttpLimits> = {},
): Promise<HttpAnswer> {
  const { deadlineMs, maxBytes } = { ...DEFAULT_LIMITS, ...limits };
  const deadline = deadlineAfter(http.clock, deadlineMs);
  try {
    const response = await http.fetch(request.url, {
      method: request.method ?? "GET",
      headers: { Accept: "application/json", ...request.headers },
      body: request.body ?? null,
      // Handed on as an answer like any other, and nowhere is it one that is believed. With "error"
      // it would look like a failure of the network, to be tried again.
      redirect: "manual",
      signal: deadline.signal,
    });
    const body = await readBounded(response, maxBytes);
    if (body === null) return { kind: "no_answer", cause: "too_large", detail: "too_large" };
    return { kind: "answer", status: response.status, headers: response.headers, body };
  } catch (error) {
    return deadline.signal.aborted
      ? { kind: "no_answer", cause: "timeout", detail: "timeout" }
      : { kind: "no_answer", cause: "network", detail: errorClass(error) };
  } finally {
    deadline.cancel();
  }
}

/** A body’s text; null when it has more bytes than `maxBytes`, of which no more are read. */
export async function readBounded(
  { body }: Pick<Response, "body">,
  maxBytes: number,
): Promise<string | null> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body, so that the connection is not held.
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The system’s error code (`ECONNREFUSED`, `CERT_HAS_EXPIRED` …), or the error’s class. */
function errorClass(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error) {
    const code: unknown = "code" in cause ? cause.code : undefined;
    return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : cause.name;
  }
  return "unknown";
}

/** `Retry-After` in seconds (RFC 9110 10.2.3), as ms. Its date form is not worth a clock comparison. */
export function retryAfter(headers: Headers): number | null {
  const value = headers.get("Retry-After") ?? "";
  return /^\d{1,6}$/.test(value) ? Number(value) * 1000 : null;
}

/** An answer’s JSON object, or null where the body is none. */
export function jsonObject(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : null;
  } catch {
    return null;
  }
}

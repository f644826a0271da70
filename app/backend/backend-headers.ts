/** What of a browser’s request the backend gets to see. No cookies, nothing hop-by-hop, nothing about the way here. */
const REQUEST_HEADERS = [
  "accept",
  "accept-language",
  "content-encoding",
  "content-language",
  "content-type",
  "idempotency-key",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "prefer",
  "range",
  "traceparent",
  "tracestate",
  "user-agent",
];

/** What of the backend’s answer the browser gets to see: nothing that would speak for this app’s origin. */
const ANSWER_HEADERS = [
  "accept-ranges",
  "allow",
  "content-disposition",
  "content-language",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "link",
  "preference-applied",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  // Tells a proxy in front to pass a stream on as it comes.
  "x-accel-buffering",
  "x-total-count",
];

/** The headers of a request on its way to the backend, with the access token as the only proof of who it is. */
export function requestHeaders(from: Headers, accessToken: string, requestId: string): Headers {
  const headers = pick(from, REQUEST_HEADERS);
  headers.set("Authorization", `Bearer ${accessToken}`);
  headers.set("X-Request-Id", requestId);
  return headers;
}

/** The headers of an answer on its way to the browser. */
export function answerHeaders(from: Headers): Headers {
  const headers = pick(from, ANSWER_HEADERS);
  // Whatever it is, it must not run as a page of this app.
  headers.set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
  // Nor in one: with `nosniff` a browser runs scripts and applies styles by their type alone.
  const type = headers.get("Content-Type");
  if (type !== null) headers.set("Content-Type", type.replaceAll(RUNNABLE, "text/plain"));
  headers.set("X-Content-Type-Options", "nosniff");
  return headers;
}

/**
 * The types of scripts (https://mimesniff.spec.whatwg.org/#javascript-mime-type) and of style sheets.
 * All in the header’s value: of several types a browser may take any.
 */
const RUNNABLE =
  /\b((application|text)\/(x-)?(java|ecma)script|text\/(jscript|livescript|javascript1\.\d|css))\b/gi;

/** `Connection` may name more headers that are for one hop only (RFC 9110 7.6.1). */
function pick(from: Headers, names: readonly string[]): Headers {
  const oneHop = (from.get("Connection") ?? "").toLowerCase().split(/\s*,\s*/);
  const picked = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null && !oneHop.includes(name)) picked.set(name, value);
  }
  return picked;
}

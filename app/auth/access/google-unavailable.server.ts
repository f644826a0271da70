/** `Retry-After` (RFC 9110 10.2.3) for a wait in ms: whole seconds, one at least. */
export function retryAfterHeader(retryAfterMs: number): { "Retry-After": string } {
  return { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
}

/** "Not now", for whoever can’t be shown a page with a gap. */
export function googleUnavailable(retryAfterMs: number): Response {
  return Response.json(
    { error: "google_unavailable" },
    { status: 503, headers: retryAfterHeader(retryAfterMs) },
  );
}

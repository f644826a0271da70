import type { Backend, BackendAnswer } from "../../backend/backend.server";
import { isWantedAsData } from "../../backend/backend-destination";
import { answerHeaders, requestHeaders } from "../../backend/backend-headers";
import { backendPath } from "../../backend/backend-path";
import { bodyOf, limitBody } from "../../backend/forwarded-body.server";
import { parseUrl } from "../../config/parse-url";
import { limitReached, type SessionLimits } from "../../session/limits.server";
import { googleUnavailable } from "./google-unavailable.server";
import { type WithAccessTokenContext, withAccessToken } from "./with-access-token.server";

/** What of a request’s context this needs. */
export type ForwardToBackendContext = WithAccessTokenContext & {
  requestId: string;
  app: { backend: Backend | null; limits: SessionLimits };
};

/** How long an answer may pause in its middle. One that keeps coming, such as events, may last. */
const SILENCE_MS = 60_000;
const NO_BODY_STATUSES = new Set([204, 205, 304]);

/**
 * Forwards a request of a signed-in person’s to one’s own API server, with the access token that the
 * browser never sees. A token that is refused is renewed once, and the request sent again if its body
 * allows that.
 *
 * Errors of its own are JSON, `{"error": code}`: 401 `unauthenticated`, 400 `invalid_path`, 403
 * `not_as_page_part`, 404 `not_found`, 502 and 504 `backend_unavailable`, 503 `google_unavailable`.
 */
export async function forwardToBackend(
  request: Request,
  context: ForwardToBackendContext,
): Promise<Response> {
  const { backend } = context.app;
  if (backend === null) return failure(404, "not_found");
  if (!isWantedAsData(request.headers)) {
    context.log.warn("input_validation_fail", { cause: "backend_destination" });
    return failure(403, "not_as_page_part");
  }
  const { pathname, search } = new URL(request.url);
  const path = backendPath(pathname);
  if (path === null) {
    context.log.warn("input_validation_fail", { cause: "backend_path" });
    return failure(400, "invalid_path");
  }

  const body = await bodyOf(request);
  const canRepeat = !(body instanceof ReadableStream);
  const answers: BackendAnswer[] = [];
  const outcome = await withAccessToken(
    context,
    async ({ accessToken }) => {
      const answer = await backend.send({
        method: request.method,
        path: path + search,
        headers: requestHeaders(request.headers, accessToken, context.requestId),
        body,
        signal: request.signal,
      });
      answers.push(answer);
      return answer;
    },
    (answer) => canRepeat && answer.kind === "answer" && answer.response.status === 401,
  );
  const used = "answer" in outcome ? outcome.answer : null;
  // What nobody reads would hold its connection.
  await Promise.all(answers.filter((answer) => answer !== used).map(discard));
  switch (outcome.kind) {
    case "ended":
      return failure(401, "unauthenticated");
    case "no_token":
      return googleUnavailable(outcome.retryAfterMs);
    case "answered":
    case "refused":
      return forBrowser(request, outcome.answer, backend, context);
  }
}

async function discard(answer: BackendAnswer): Promise<void> {
  if (answer.kind === "answer") await answer.response.body?.cancel().catch(() => undefined);
}

function forBrowser(
  { signal }: Request,
  answer: BackendAnswer,
  backend: Backend,
  { app, log, session }: ForwardToBackendContext,
): Response {
  const noteFailure = (cause: string) => {
    // That a browser goes away, or a person signs out, is no failure of the backend’s.
    if (!signal.aborted && cause !== "ended") log.warn("backend_failed", { cause });
  };
  if (answer.kind === "no_answer") {
    noteFailure(answer.cause);
    return failure(answer.cause === "timeout" ? 504 : 502, "backend_unavailable");
  }
  const { status, headers: sent, body } = answer.response;
  const headers = answerHeaders(sent);
  const location = sent.get("Location");
  if (location !== null) {
    const here = locationHere(location, backend.origin);
    // Where the backend wants to send people is no address of ours to vouch for.
    if (here === null) return failure(502, "backend_unavailable");
    headers.set("Location", here);
  }
  if (body === null || NO_BODY_STATUSES.has(status)) return new Response(null, { status, headers });
  const state = session.read();
  const limited = limitBody(body, {
    clock: app.clock,
    silenceMs: SILENCE_MS,
    // What streams on for hours must not outlive the session that it was asked with.
    mayGoOn: () =>
      state.status === "active" &&
      app.ended.reasonOf(state.session) === null &&
      limitReached(state.session, app.limits, app.clock.now()) === null,
    onBroken: noteFailure,
  });
  return new Response(limited, { status, headers });
}

/** Where a redirect leads by way of this app, or null when it leaves the backend. */
function locationHere(location: string, origin: string): string | null {
  const url = parseUrl(location, origin);
  return url?.origin === origin ? `/api/backend${url.pathname}${url.search}` : null;
}

function failure(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

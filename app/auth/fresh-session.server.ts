import type { Log } from "../config/log.server";
import type { EndReason } from "../session/end-reason";
import type { RequestSession } from "../session/request-session.server";
import type { Session } from "../session/session.server";
import { decideRefresh } from "./decide-refresh.server";
import type { RefreshObstacle, RefreshOutcome } from "./refresh.server";
import type { App } from "./request-context.server";

/** A request's session, its tokens renewed if they were due. */
export type FreshSession =
  | { status: "active"; session: Session; google: GoogleStatus }
  | { status: "signed_out"; reason: EndReason | null };

/** Whether the access token works. While it doesn't, who the person is stays known. */
export type GoogleStatus =
  | { live: true }
  | { live: false; retryAfterMs: number; obstacle: RefreshObstacle };

/** How long a request waits for a refresh while its old token still works. */
export const PATIENCE_MS = 2000;

/** What of a request's context this needs. */
export interface FreshSessionContext {
  session: RequestSession;
  prefetch: boolean;
  log: Log;
  app: Pick<App, "clock" | "refresher">;
}

const freshSessions = new WeakMap<RequestSession, Promise<FreshSession>>();

/**
 * Opens the request's session and renews its tokens when they are due: once a request, however many
 * loaders ask, and whatever becomes of it.
 */
export function freshSession(context: FreshSessionContext): Promise<FreshSession> {
  const known = freshSessions.get(context.session) ?? renewIfDue(context);
  freshSessions.set(context.session, known);
  return known;
}

async function renewIfDue(context: FreshSessionContext): Promise<FreshSession> {
  const { session: requestSession, app } = context;
  const state = requestSession.read();
  if (state.status !== "active") return current(context, NO_PAUSE);

  const freshness = decideRefresh(state.session.tokens, app.clock.now());
  // A guess of the browser's is not worth a call while the old token does.
  if (freshness === "fresh" || (freshness === "due" && context.prefetch)) {
    return current(context, NO_PAUSE);
  }
  const flight = app.refresher.refresh(state.session, context.log);
  const outcome = await (freshness === "expired" ? flight : withPatience(context, flight));
  if (outcome.kind === "renewed") requestSession.renew(outcome.session);
  if (outcome.kind === "ended") requestSession.end(outcome.reason);
  return current(context, outcome.kind === "unavailable" ? outcome : NO_PAUSE);
}

/** The refresh, or "not yet" after two seconds; it then finishes by itself for the next request. */
async function withPatience(
  context: FreshSessionContext,
  flight: Promise<RefreshOutcome>,
): Promise<RefreshOutcome> {
  const landed = new AbortController();
  const patience = context.app.clock
    .sleep(PATIENCE_MS, landed.signal)
    .then((): RefreshOutcome => ({ kind: "unavailable", ...NO_PAUSE, retryAfterMs: PATIENCE_MS }));
  try {
    return await Promise.race([flight, patience]);
  } finally {
    landed.abort();
  }
}

interface Pause {
  retryAfterMs: number;
  obstacle: RefreshObstacle;
}
const NO_PAUSE: Pause = { retryAfterMs: 0, obstacle: "unreachable" };

function current({ session, app }: FreshSessionContext, pause: Pause): FreshSession {
  const state = session.read();
  if (state.status === "absent") return { status: "signed_out", reason: null };
  if (state.status === "ended") return { status: "signed_out", reason: state.reason };
  const live = decideRefresh(state.session.tokens, app.clock.now()) !== "expired";
  return {
    status: "active",
    session: state.session,
    google: live ? { live } : { live, retryAfterMs: pause.retryAfterMs, obstacle: pause.obstacle },
  };
}

import type { Clock } from "../../config/clock.server";
import type { Log } from "../../config/log.server";
import type { EndReason } from "../../session/end-reason";
import type { EndedSessions } from "../../session/ended-sessions.server";
import type { RequestSession } from "../../session/request-session.server";
import type { Session } from "../../session/session.server";
import { decideRefresh } from "./decide-refresh.server";
import type { Refresher } from "./refresh.server";
import type { RefreshObstacle, RefreshOutcome } from "./refresh-outcome";

/** A request’s session, its tokens renewed if they were due. */
export type FreshSession =
  | { status: "active"; session: Session; google: GoogleStatus }
  | { status: "signed_out"; reason: EndReason | null };

/** Whether the access token works. While it doesn’t, who the person is stays known. */
export type GoogleStatus =
  | { live: true }
  | {
      live: false;
      retryAfterMs: number;
      obstacle: RefreshObstacle;
      /** Resolves when a refresh that still runs has come to its end, and this request has its tokens. */
      pending: Promise<void> | null;
    };

/** How long a request waits for a refresh that it can do without: a page knows who somebody is. */
export const PATIENCE_MS = 2000;

/** What of a request’s context this needs. */
export interface FreshSessionContext {
  session: RequestSession;
  prefetch: boolean;
  log: Log;
  app: { clock: Clock; refresher: Pick<Refresher, "refresh" | "look">; ended: EndedSessions };
}

const freshSessions = new WeakMap<RequestSession, Promise<FreshSession>>();

/**
 * Opens the request’s session and renews its tokens when they are due: once a request, however many
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

  // So many have ended that some may be forgotten here: its row knows.
  if (app.ended.isUncertain(state.session)) {
    takeOver(requestSession, await app.refresher.look(state.session, context.log));
    if (requestSession.read().status !== "active") return current(context, NO_PAUSE);
  }
  const freshness = decideRefresh(state.session.tokens, app.clock.now());
  // A guess of the browser’s is not worth a call while the old token does.
  if (freshness === "fresh" || (freshness === "due" && context.prefetch)) {
    return current(context, NO_PAUSE);
  }
  const flight = app.refresher.refresh(state.session, context.log);
  const outcome = await withPatience(app.clock, flight, PATIENCE_MS);
  if (outcome === null) {
    // With a token that still worked, nobody needs more than the next request will have.
    const pending =
      freshness === "expired" ? flight.then((landed) => takeOver(requestSession, landed)) : null;
    return current(context, { ...NO_PAUSE, retryAfterMs: PATIENCE_MS, pending });
  }
  takeOver(requestSession, outcome);
  return current(
    context,
    outcome.kind === "unavailable" ? { ...outcome, pending: null } : NO_PAUSE,
  );
}

function takeOver(session: RequestSession, outcome: RefreshOutcome): void {
  if (outcome.kind === "renewed") session.renew(outcome.session);
  if (outcome.kind === "ended") session.end(outcome.reason);
}

/** What is awaited, or null when it takes longer than `ms`; it then goes on by itself. */
export async function withPatience<Result>(
  clock: Clock,
  awaited: Promise<Result>,
  ms: number,
): Promise<Result | null> {
  const landed = new AbortController();
  const late = clock.sleep(ms, landed.signal).then(() => null);
  try {
    return await Promise.race([awaited, late]);
  } finally {
    landed.abort();
  }
}

interface Pause {
  retryAfterMs: number;
  obstacle: RefreshObstacle;
  pending: Promise<void> | null;
}
const NO_PAUSE: Pause = { retryAfterMs: 0, obstacle: "unreachable", pending: null };

function current({ session, app }: FreshSessionContext, pause: Pause): FreshSession {
  const state = session.read();
  if (state.status === "absent") return { status: "signed_out", reason: null };
  if (state.status === "ended") return { status: "signed_out", reason: state.reason };
  const live = decideRefresh(state.session.tokens, app.clock.now()) !== "expired";
  return {
    status: "active",
    session: state.session,
    google: live ? { live } : { live, ...pause },
  };
}

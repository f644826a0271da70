import type { EndReason } from "../../session/end-reason";
import { isNewer, type Session, type SessionTokens } from "../../session/session.server";
import { decideRefresh } from "../refresh/decide-refresh.server";
import {
  type FreshSession,
  type FreshSessionContext,
  freshSession,
  withPatience,
} from "../refresh/fresh-session.server";
import type { RefreshObstacle } from "../refresh/refresh-outcome";
import type { RefusedTokens } from "./refused-tokens.server";

/**
 * - `answered`: what the call brought.
 * - `refused`: what it brought the second time, and the token was refused again: only signing in
 *   anew may help.
 * - `no_token`: nothing was sent, or nothing could be sent again: there is no token that works now.
 * - `ended`: the session has ended, here or by what Google said of its grant.
 */
export type WithToken<Answer> =
  | { kind: "answered"; answer: Answer }
  | { kind: "refused"; answer: Answer }
  | NoToken
  | NoSession;

type NoToken = { kind: "no_token"; retryAfterMs: number; obstacle: RefreshObstacle };
type NoSession = { kind: "ended"; reason: EndReason | null };

export type WithAccessTokenContext = FreshSessionContext & {
  app: { refusedTokens: RefusedTokens };
};

/**
 * Makes a call with the session’s access token. When the token is refused, it is renewed out of turn
 * and the call made once more (DA-07). The renewal is one for all requests and processes, as any.
 *
 * @param isRefused whether an answer is the token’s fault.
 */
export async function withAccessToken<Answer>(
  context: WithAccessTokenContext,
  call: (tokens: SessionTokens) => Promise<Answer>,
  isRefused: (answer: Answer) => boolean,
): Promise<WithToken<Answer>> {
  const { clock, refusedTokens } = context.app;
  const fresh = await freshSession(context);
  await forPendingRefresh(context, fresh);
  const first = currentSession(context);
  if ("kind" in first) return first;
  if (decideRefresh(first.tokens, clock.now()) === "expired") return noToken(fresh);
  const answer = await call(first.tokens);
  if (!isRefused(answer)) return { kind: "answered", answer };
  if (refusedTokens.has(first, clock.now())) return { kind: "refused", answer };

  const second = await replaceToken(context, first);
  if ("kind" in second) return second;
  const again = await call(second.tokens);
  if (!isRefused(again)) return { kind: "answered", answer: again };
  refusedTokens.add(second, clock.now());
  return { kind: "refused", answer: again };
}

/** How much longer than a page that can do without it a call waits for a refresh. */
const MORE_PATIENCE_MS = 5000;

async function forPendingRefresh({ app }: WithAccessTokenContext, fresh: FreshSession) {
  const pending = fresh.status === "active" && !fresh.google.live ? fresh.google.pending : null;
  if (pending) await withPatience(app.clock, pending, MORE_PATIENCE_MS);
}

/** Why this request’s refresh brought none, where it knows. */
function noToken(fresh: FreshSession): NoToken {
  const pause = fresh.status === "active" && !fresh.google.live ? fresh.google : null;
  return {
    kind: "no_token",
    retryAfterMs: Math.max(pause?.retryAfterMs ?? 0, RETRY_MS),
    obstacle: pause?.obstacle ?? "unreachable",
  };
}

const RETRY_MS = 1000;

function currentSession({ session }: WithAccessTokenContext): Session | NoSession {
  const state = session.read();
  if (state.status === "active") return state.session;
  return { kind: "ended", reason: state.status === "ended" ? state.reason : null };
}

async function replaceToken(
  context: WithAccessTokenContext,
  refused: Session,
): Promise<Session | NoSession | NoToken> {
  const current = currentSession(context);
  // Another loader of this request, whose token was refused as well, has done it.
  if ("kind" in current || isNewer(current, refused)) return current;
  const outcome = await context.app.refresher.refresh(refused, context.log);
  if (outcome.kind === "unavailable") {
    const { retryAfterMs, obstacle } = outcome;
    return { kind: "no_token", retryAfterMs, obstacle };
  }
  if (outcome.kind === "renewed") {
    context.session.renew(outcome.session);
    const after = currentSession(context);
    return "kind" in after ? after : outcome.session;
  }
  if (outcome.kind === "ended") context.session.end(outcome.reason);
  return currentSession(context);
}

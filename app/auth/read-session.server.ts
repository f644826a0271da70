import { featuresOf } from "../google/scopes";
import type { EndReason } from "../session/end-reason";
import { sessionEnd } from "../session/limits.server";
import { freshSession } from "./fresh-session.server";
import type { RequestContext } from "./request-context.server";

/** What the browser may know about its session: this and nothing more (CS-01). Times in ms. */
export type SessionReport =
  | {
      status: "authenticated";
      user: { id: string; name: string; email: string; picture: string | null };
      expiresAt: number;
      accessTokenExpiresAt: number;
      features: string[];
    }
  | { status: "unauthenticated"; reason: EndReason | null };

/** Reports the session for `GET /api/session`. Reading is no use: the idle limit stays (CS-06). */
export async function readSession(context: RequestContext): Promise<SessionReport> {
  const fresh = await freshSession(context);
  if (fresh.status !== "active") return { status: "unauthenticated", reason: fresh.reason };
  // As this request has left it: a use that it noted has moved the end.
  const state = context.session.read();
  if (state.status !== "active") {
    return { status: "unauthenticated", reason: state.status === "ended" ? state.reason : null };
  }
  const { session } = state;
  const { user, tokens } = session;
  return {
    status: "authenticated",
    user: { id: user.id, name: user.name, email: user.email, picture: user.picture },
    expiresAt: sessionEnd(session, context.app.limits),
    accessTokenExpiresAt: tokens.expiresAt,
    features: featuresOf(tokens.scopes),
  };
}

import { featuresOf } from "../google/scopes";
import type { EndReason } from "../session/end-reason";
import { absoluteEnd, type SessionLimits, sessionEnd } from "../session/limits.server";
import { type FreshSessionContext, freshSession } from "./refresh/fresh-session.server";

/** What of a request’s context this needs. */
export type ReadSessionContext = FreshSessionContext & { app: { limits: SessionLimits } };

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

export interface SessionReading {
  report: SessionReport;
  /** Whether `expiresAt` is the absolute end, which no use moves. */
  final: boolean;
}

/** Reads the session for the browser. Reading is no use: the idle limit stays (CS-06). */
export async function readSession(context: ReadSessionContext): Promise<SessionReading> {
  const fresh = await freshSession(context);
  if (fresh.status !== "active") return nobody(fresh.reason);
  // As this request has left it: a use that it noted has moved the end.
  const state = context.session.read();
  if (state.status !== "active") return nobody(state.status === "ended" ? state.reason : null);
  const { limits } = context.app;
  const { session } = state;
  const { user, tokens } = session;
  const expiresAt = sessionEnd(session, limits);
  return {
    report: {
      status: "authenticated",
      user: { id: user.id, name: user.name, email: user.email, picture: user.picture },
      expiresAt,
      accessTokenExpiresAt: tokens.expiresAt,
      features: featuresOf(tokens.scopes),
    },
    final: expiresAt === absoluteEnd(session, limits),
  };
}

function nobody(reason: EndReason | null): SessionReading {
  return { report: { status: "unauthenticated", reason }, final: false };
}

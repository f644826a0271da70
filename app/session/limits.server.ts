import type { Session } from "./session.server";

/** How long a session may live, in ms. Both are enforced by the server’s clock (SC-08). */
export interface SessionLimits {
  idleMs: number;
  absoluteMs: number;
}

export type LimitReached = "idle" | "absolute" | null;

/** The last activity is noted in steps of this, so that plain use rewrites no cookie (SC-20). */
export const TOUCH_STEP_MS = 5 * 60_000;

/** Which limit has ended the session, if one has. */
export function limitReached(session: Session, limits: SessionLimits, now: number): LimitReached {
  if (now >= absoluteEnd(session, limits)) return "absolute";
  if (now >= idleEnd(session, limits)) return "idle";
  return null;
}

/** Sessions that started or were last seen at these moments or before have reached a limit by `now`. */
export function limitsAt({ idleMs, absoluteMs }: SessionLimits, now: number) {
  return { startedAfter: now - absoluteMs, seenAfter: now - idleMs };
}

/** When the session ends whatever the person does. Refreshes, touches and new keys don’t move it. */
export function absoluteEnd(session: Session, limits: SessionLimits): number {
  const end = session.startedAt + limits.absoluteMs;
  const { refreshExpiresAt } = session.tokens;
  return refreshExpiresAt === null ? end : Math.min(end, refreshExpiresAt);
}

/** When the session ends if nothing more is done with it. */
export function sessionEnd(session: Session, limits: SessionLimits): number {
  return Math.min(idleEnd(session, limits), absoluteEnd(session, limits));
}

function idleEnd(session: Session, limits: SessionLimits): number {
  return session.lastSeenAt + limits.idleMs;
}

/**
 * The session with this use noted, or the same object when the last note is recent enough.
 * A short idle limit gets a finer step: half of it, so that use always counts.
 */
export function touch(session: Session, limits: SessionLimits, now: number): Session {
  const step = Math.min(TOUCH_STEP_MS, limits.idleMs / 2);
  return now - session.lastSeenAt >= step ? { ...session, lastSeenAt: now } : session;
}

import type { Clock } from "../../config/clock.server";
import { hashSessionId } from "../../config/id-hash.server";
import { limitsAt, type SessionLimits } from "../../session/limits.server";
import type { RequestSession } from "../../session/request-session.server";
import type { Store } from "../../store/store.server";

/** A place where the person is signed in. Times in ms. */
export interface Device {
  handle: string;
  current: boolean;
  browser: string | null;
  system: string | null;
  startedAt: number;
  lastSeenAt: number;
}

/** What of a request’s context this needs. */
export interface ListDevicesContext {
  session: RequestSession;
  app: { clock: Clock; limits: SessionLimits; store: Store };
}

/** Where a person is signed in, newest first; null while the database can’t say. */
export async function listDevices({
  app,
  session: requestSession,
}: ListDevicesContext): Promise<Device[] | null> {
  const session = requestSession.active();
  const { issuer, id: sub } = session.user;
  const found = await app.store.listSessions({
    issuer,
    sub,
    ...limitsAt(app.limits, app.clock.now()),
  });
  if (found.kind === "unavailable") return null;
  const here = hashSessionId(session.id);
  return found.sessions.map(({ idHash, ...device }) => ({ ...device, current: idHash === here }));
}

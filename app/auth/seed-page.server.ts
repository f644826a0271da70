import { type EndReason, isEndReason } from "../session/end-reason";
import type { MadeFor } from "../session/made-for.server";
import { type ReadSessionContext, readSession, type SessionReading } from "./read-session.server";
import { getUser, type RequireUserContext } from "./require-user.server";

/** What a page knows of its session from the start. Times in ms by the server’s clock. */
export interface PageSeed extends SessionReading {
  now: number;
  /** How long before its end to announce it. */
  noticeMs: number;
  /** For whom the page’s forms are, as they tell the server; null for nobody. */
  madeFor: string | null;
}

/** What of a request’s context this needs. */
export type SeedPageContext = ReadSessionContext &
  RequireUserContext & { app: { madeFor: MadeFor } };

/** The seed of the page at hand. Opening a page is a use of the session. */
export async function seedPage(request: Request, context: SeedPageContext): Promise<PageSeed> {
  const { clock, limits, madeFor } = context.app;
  const signedIn = await getUser({ context });
  const { report, final } = await readSession(context);
  return {
    report:
      report.status === "authenticated"
        ? report
        : { ...report, reason: report.reason ?? reasonInAddress(request) },
    final,
    now: clock.now(),
    noticeMs: Math.min(LONGEST_NOTICE_MS, limits.idleMs / 4),
    madeFor: signedIn && madeFor.of(signedIn.user),
  };
}

const LONGEST_NOTICE_MS = 10 * 60_000;

/** The request that found the end has deleted the cookie; where it led to says why. */
function reasonInAddress(request: Request): EndReason | null {
  const reason = new URL(request.url).searchParams.get("reason");
  return isEndReason(reason) ? reason : null;
}

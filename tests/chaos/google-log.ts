import type { Call } from "../local-google/call-log";
import type { LocalGoogle } from "../local-google/local-google";
import { callerPid } from "./caller-pid";
import type { Evidence } from "./lost-tokens";

/** Google’s log of renewals, with whose each was and which process had asked. */
export interface GoogleLog {
  /** What it says of one person. */
  of(sub: string): Pick<Evidence, "granted" | "hasUnusedToken">;
  counts(): { asked: number; granted: number };
}

/** @param pids the processes that may ask, as of now. */
export function followGoogle(google: LocalGoogle, pids: () => number[]): GoogleLog {
  /** Noted at once: the connection goes, and Google forgets a used-up token that is shown again. */
  const callers = new Map<Call, { pid: number | null; sub: string | undefined }>();
  google.calls.onCall((call) => {
    if (call.grantType === "refresh_token" && call.fromPort !== undefined) {
      const sub = google.control.ownerOf(call.params.refresh_token ?? "");
      callers.set(call, { pid: callerPid(call.fromPort, pids()), sub });
    }
  });
  const renewals = () => google.calls.list("token").filter(isRenewal);
  // One whose connection was cut with its process has no status, and was processed all the same.
  const granted = () => renewals().filter(({ status }) => status === undefined || status === 200);
  return {
    of(sub) {
      const shown = new Set(renewals().map(({ params }) => params.refresh_token));
      return {
        granted: granted()
          .filter((call) => callers.get(call)?.sub === sub)
          .map((call) => ({ at: call.at, pid: callers.get(call)?.pid ?? null })),
        hasUnusedToken: google.control.liveRefreshTokens(sub).some((token) => !shown.has(token)),
      };
    },
    counts: () => ({ asked: renewals().length, granted: granted().length }),
  };
}

function isRenewal(call: Call): boolean {
  return call.grantType === "refresh_token";
}

import type { Call } from "../local-google/call-log";
import type { LocalGoogle } from "../local-google/local-google";
import { callerPid } from "./caller-pid";
import type { Evidence } from "./lost-tokens";

/** Google's log of renewals, with whose each was and which process had asked. */
export interface GoogleLog {
  /** What it says of one person. */
  of(sub: string): Pick<Evidence, "granted" | "hasUnusedToken">;
  counts(): { asked: number; granted: number };
}

/** @param pids the processes that may ask, as of now. */
export function followGoogle(google: LocalGoogle, pids: () => number[]): GoogleLog {
  const callers = new Map<Call, number | null>();
  google.calls.onCall((call) => {
    if (call.grantType === "refresh_token" && call.fromPort !== undefined) {
      callers.set(call, callerPid(call.fromPort, pids()));
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
          .filter(({ params }) => google.control.ownerOf(params.refresh_token ?? "") === sub)
          .map((call) => ({ at: call.at, pid: callers.get(call) ?? null })),
        hasUnusedToken: google.control.liveRefreshTokens(sub).some((token) => !shown.has(token)),
      };
    },
    counts: () => ({ asked: renewals().length, granted: granted().length }),
  };
}

function isRenewal(call: Call): boolean {
  return call.grantType === "refresh_token";
}

import type { SharedRefresh } from "../../../../app/auth/refresh/turn";

/** The only process there is: every turn is its own, and everything that it says counts. */
export function loneProcess(): SharedRefresh {
  return {
    takeTurn: async (session) => ({
      kind: "ours",
      claim: { id: session.id, holder: "me" },
      session,
      until: Number.POSITIVE_INFINITY,
    }),
    look: async () => ({ kind: "busy" }),
    publish: async (_, session) => ({ kind: "newer", session }),
    giveBack: async () => {},
    end: async () => {},
    endDead: async () => "ended",
  };
}

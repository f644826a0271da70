import { describe, expect, it } from "vitest";
import { beginWatch, stateOf } from "../../../app/client/session-state";
import { reactionTo } from "../../../app/ui/session-reaction";
import { ADA, BOB, NOW, SIGNED_OUT, seedOf, signedIn } from "../client/session-samples";

const KNOWS = {
  ada: stateOf(beginWatch(seedOf(signedIn(ADA)), NOW)),
  bob: stateOf(beginWatch(seedOf(signedIn(BOB)), NOW)),
  nobody: stateOf(beginWatch(seedOf(SIGNED_OUT), NOW)),
  idle: { status: "unauthenticated", reason: "idle" },
} as const;

describe("a page that finds out about its session", () => {
  it.each([
    ["ada", ADA.id, true, "none"],
    ["nobody", null, false, "none"],
    ["idle", ADA.id, true, "ask"],
    ["nobody", ADA.id, true, "leave"],
    ["bob", ADA.id, true, "reload"],
    ["nobody", ADA.id, false, "revalidate"],
    ["idle", ADA.id, false, "revalidate"],
    ["bob", ADA.id, false, "revalidate"],
    ["ada", null, false, "revalidate"],
  ] as const)(
    "knows of %s, was made for %s, private: %s → %s",
    (who, pageUserId, isPrivate, reaction) => {
      expect(reactionTo(KNOWS[who], { pageUserId, isPrivate })).toBe(reaction);
    },
  );

  it.each(["absolute", "grant_revoked", "reauth_required", "unreadable"] as const)(
    "UX-03 stays when the session ended by itself: %s",
    (reason) => {
      const state = { status: "unauthenticated", reason } as const;
      expect(reactionTo(state, { pageUserId: ADA.id, isPrivate: true })).toBe("ask");
    },
  );

  it.each([
    "signed_out",
    "ended_elsewhere",
    "disconnected",
    "account_deleted",
    "security_event",
  ] as const)("UX-02 is left when somebody ended the session: %s", (reason) => {
    const state = { status: "unauthenticated", reason } as const;
    expect(reactionTo(state, { pageUserId: ADA.id, isPrivate: true })).toBe("leave");
  });

  it("UX-01 goes on with what was known while it can’t be told, above all with asking for sign-in", () => {
    for (const last of Object.values(KNOWS)) {
      if (last.status === "unknown") throw new Error();
      const state = { status: "unknown", since: NOW, last, failures: 3, restored: false } as const;
      const page = { pageUserId: ADA.id, isPrivate: true };
      expect(reactionTo(state, page)).toBe(reactionTo(last, page));
    }
  });
});

import { describe, expect, it } from "vitest";
import { createEndedSessions } from "../../../app/session/ended-sessions.server";

describe("createEndedSessions", () => {
  it("knows nothing of a session that goes on", () => {
    expect(createEndedSessions().reasonOf("a")).toBeNull();
  });

  it("remembers why a session ended", () => {
    const ended = createEndedSessions();
    ended.add("a", "signed_out");
    ended.add("b", "grant_revoked");
    expect([ended.reasonOf("a"), ended.reasonOf("b")]).toEqual(["signed_out", "grant_revoked"]);
  });

  it("keeps the reason of the first end", () => {
    const ended = createEndedSessions();
    ended.add("a", "signed_out");
    ended.add("a", "grant_revoked");
    expect(ended.reasonOf("a")).toBe("signed_out");
  });

  it("forgets the oldest ends when there are too many", () => {
    const ended = createEndedSessions(2);
    for (const id of ["a", "b", "c"]) ended.add(id, "signed_out");
    expect([ended.reasonOf("a"), ended.reasonOf("b"), ended.reasonOf("c")]).toEqual([
      null,
      "signed_out",
      "signed_out",
    ]);
  });
});

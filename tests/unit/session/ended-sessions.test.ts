import { describe, expect, it } from "vitest";
import { EVERYBODY, hashPerson, hashSessionId } from "../../../app/config/id-hash.server";
import { createEndedSessions } from "../../../app/session/ended-sessions.server";
import { aSession } from "../../support/session-fixture";

const NOW = 1_000_000_000;
const MINUTE = 60_000;
const named = (id: string, startedAt = NOW) => aSession({ id, startedAt });
const { issuer, id: sub } = aSession().user;
const ADA = hashPerson({ issuer, sub });
const bobs = (startedAt: number) =>
  aSession({ startedAt, user: { ...aSession().user, id: "somebody else" } });

describe("createEndedSessions", () => {
  it("knows nothing of a session that goes on", () => {
    expect(createEndedSessions().reasonOf(named("a"))).toBeNull();
  });

  it("remembers why a session ended", () => {
    const ended = createEndedSessions();
    ended.add("a", "signed_out", NOW);
    ended.addHashed(hashSessionId("b"), "grant_revoked", NOW);
    expect(["a", "b"].map((id) => ended.reasonOf(named(id)))).toEqual([
      "signed_out",
      "grant_revoked",
    ]);
  });

  it("keeps the reason of the first end", () => {
    const ended = createEndedSessions();
    ended.add("a", "signed_out", NOW);
    ended.add("a", "grant_revoked", NOW);
    expect(ended.reasonOf(named("a"))).toBe("signed_out");
  });

  it("FE-3 forgets the oldest ends when there are too many, and then takes no old session for live", () => {
    const ended = createEndedSessions(2);
    ["a", "b", "c"].forEach((id, index) => {
      ended.add(id, "signed_out", NOW + index * MINUTE);
    });
    expect(["a", "b", "c"].map((id) => ended.reasonOf(named(id)))).toEqual([
      null,
      "signed_out",
      "signed_out",
    ]);
    const issued = (issuedAt: number) => aSession({ tokens: { ...aSession().tokens, issuedAt } });
    expect(ended.isUncertain(issued(NOW))).toBe(true);
    expect(ended.isUncertain(issued(NOW + 10 * MINUTE))).toBe(false);
  });

  it("FE-3 is sure of everybody while nothing was forgotten", () => {
    const ended = createEndedSessions(2);
    ended.add("a", "signed_out", NOW);
    expect(ended.isUncertain(named("b"))).toBe(false);
  });

  describe("an end of many", () => {
    const mark = { endedBefore: NOW, reason: "ended_elsewhere" as const, spared: null };

    it("FE-3 ends everybody’s sessions that began before it, or just then, whatever their number", () => {
      const ended = createEndedSessions();
      ended.addMark({ ...mark, who: EVERYBODY });
      expect(ended.reasonOf(named("a", NOW))).toBe("ended_elsewhere");
      expect(ended.reasonOf(bobs(0))).toBe("ended_elsewhere");
      expect(ended.reasonOf(named("a", NOW + 1))).toBeNull();
    });

    it("ends one person’s sessions, but for the one that goes on", () => {
      const ended = createEndedSessions();
      ended.addMark({ ...mark, who: ADA, spared: hashSessionId("spared") });
      expect(ended.reasonOf(named("a"))).toBe("ended_elsewhere");
      expect(ended.reasonOf(named("spared"))).toBeNull();
      expect(ended.reasonOf(bobs(0))).toBeNull();
    });

    it("never moves back", () => {
      const ended = createEndedSessions();
      ended.addMark({ ...mark, who: ADA });
      ended.addMark({ ...mark, who: ADA, endedBefore: NOW - MINUTE, reason: "security_event" });
      expect(ended.reasonOf(named("a"))).toBe("ended_elsewhere");
    });

    it("leaves no session out that it has forgotten", () => {
      const ended = createEndedSessions(1);
      ended.addMark({ ...mark, who: ADA });
      ended.addMark({ ...mark, who: "somebody", endedBefore: NOW + MINUTE });
      expect(ended.reasonOf(named("a"))).toBeNull();
      expect(ended.isUncertain(aSession({ tokens: { ...aSession().tokens, issuedAt: NOW } }))).toBe(
        true,
      );
    });
  });
});

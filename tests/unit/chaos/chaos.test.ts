import { describe, expect, it } from "vitest";
import { judgeAnswer } from "../../chaos/judge-answer";
import { judgeSoak } from "../../chaos/judge-soak";
import { diedWithProcess } from "../../chaos/lost-tokens";
import { planEpisode } from "../../chaos/plan-faults";
import { readOrder } from "../../chaos/read-order";
import { seeded } from "../../chaos/seeded";

describe("A chaos’s plan", () => {
  const episodes = (seed: number) => {
    const draw = seeded(seed, "faults");
    return Array.from({ length: 20 }, () => planEpisode("Google cut off", 6000, draw));
  };

  it("MP-04 is its seed’s", () => {
    expect(episodes(7)).toEqual(episodes(7));
    expect(episodes(7)).not.toEqual(episodes(8));
  });

  it("PF-18 cuts Google off for longer than a token’s life", () => {
    for (const [cut] of episodes(7)) expect(cut?.forMs).toBeGreaterThan(6000);
  });
});

describe("What an answer says", () => {
  const answer = { path: "/dashboard", status: 200, location: null, body: "" };

  it.each([
    ["a page with Google’s data", { body: "Verified by Google" }, { kind: "data" }],
    ["a page with a gap", {}, { kind: "gap" }],
    [
      "the way to sign-in",
      { status: 302, location: "/login?returnTo=%2F&reason=grant_revoked" },
      { kind: "signed out", reason: "grant_revoked" },
    ],
    [
      "the same in a data request",
      { path: "/dashboard.data", status: 202, body: '["/login?reason=idle"]' },
      { kind: "signed out", reason: "idle" },
    ],
    [
      "a session that isn’t",
      { path: "/api/session", body: '{"status":"unauthenticated","reason":null}' },
      { kind: "signed out", reason: "none given" },
    ],
    ["503", { status: 503 }, { kind: "other" }],
  ])("is read from %s", (_, change, verdict) => {
    expect(judgeAnswer({ ...answer, ...change })).toEqual(verdict);
  });
});

describe("A sign-out nobody asked for", () => {
  const evidence = {
    granted: [{ at: 10_000, pid: 7 }],
    hasUnusedToken: true,
    kills: [{ at: 10_100, pid: 7 }],
    outages: [] as { from: number; to: number }[],
  };

  it("MP-04 is a killed process’s where Google’s log proves it", () => {
    expect(diedWithProcess(evidence)).toBe(true);
  });

  it.each([
    ["another process was killed", { kills: [{ at: 10_100, pid: 8 }] }],
    ["it was killed before", { kills: [{ at: 9_900, pid: 7 }] }],
    ["it had time to write the token down", { kills: [{ at: 15_000, pid: 7 }] }],
    ["somebody has shown the token since", { hasUnusedToken: false }],
    ["nobody knows who had asked", { granted: [{ at: 10_000, pid: null }] }],
    ["Google granted nothing", { granted: [] }],
  ])("MP-04 is ours where %s", (_, change) => {
    expect(diedWithProcess({ ...evidence, ...change })).toBe(false);
  });

  it("MP-04 may come of a token that was owed to a database that was away", () => {
    const kills = [{ at: 15_000, pid: 7 }];
    const outages = [{ from: 9_000, to: 16_000 }];
    expect(diedWithProcess({ ...evidence, kills, outages })).toBe(true);
    expect(diedWithProcess({ ...evidence, kills: [{ at: 30_000, pid: 7 }], outages })).toBe(false);
  });
});

describe("A soak", () => {
  const held = { heapMb: 60, residentMb: 300, timers: 300, handles: 200, connections: 11 };
  const quiet = { ...held, timers: 4, handles: 10 };
  const looks = { before: quiet, during: Array.from({ length: 9 }, () => held), after: quiet };

  it("is judged flat when nothing grows", () => {
    expect(judgeSoak(looks)).toEqual([]);
  });

  it.each(["heapMb", "residentMb", "timers", "handles", "connections"] as const)(
    "tells when %s grows",
    (name) => {
      const during = looks.during.map((one, i) => ({ ...one, [name]: one[name] * (1 + i / 4) }));
      expect(judgeSoak({ ...looks, during })).toHaveLength(1);
    },
  );

  it("tells what stays when the crowd is gone", () => {
    expect(judgeSoak({ ...looks, after: { ...quiet, timers: 200 } })).toHaveLength(1);
  });
});

describe("The command", () => {
  it("takes a seed, and makes one where none is given", () => {
    expect(readOrder(["chaos", "--seed", "5"], () => 9)).toMatchObject({ seed: 5, browsers: 60 });
    expect(readOrder(["soak"], () => 9)).toMatchObject({ seed: 9, browsers: 200, seconds: 120 });
  });

  it.each([
    [[]],
    [["chaos", "--seed", "x"]],
    [["chaos", "--browsers", "0"]],
    [["chaos", "--speed"]],
    [["chaos", "--tokens", "few"]],
  ])("refuses %j", (args) => {
    expect(readOrder(args, () => 9).ok).toBe(false);
  });
});

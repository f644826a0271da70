import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { endOfLifeOfNode } from "../../../app/process/node-release.server";

const on = (day: string) => Date.parse(`${day}T12:00:00Z`);

describe("endOfLifeOfNode", () => {
  it.each([
    ["20.19.0", "2026-05-01"],
    ["20.20.2", "2026-11-27"],
    ["22.22.0", "2027-05-01"],
    ["23.11.1", "2026-01-01"],
    ["24.12.0", "2030-01-01"],
  ])("FC-15 says that %s is past it on %s", (version, day) => {
    expect(endOfLifeOfNode(version, on(day))).toMatch(/^Node \d+ is past its end of life \(20/);
  });

  it.each([
    ["20.20.2", "2026-04-30"],
    ["22.12.0", "2026-11-27"],
    ["24.0.0", "2028-04-30"],
    ["99.0.0", "2030-01-01"],
  ])("FC-15 says nothing of %s on %s", (version, day) => {
    expect(endOfLifeOfNode(version, on(day))).toBeNull();
  });

  it("FC-15 knows each release that package.json lets it run on", () => {
    const { engines } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(engines.node).toBe(">=20.19.0");
    for (const major of [20, 22, 24]) {
      expect(endOfLifeOfNode(`${major}.19.0`, on("2099-01-01"))).not.toBeNull();
    }
  });
});

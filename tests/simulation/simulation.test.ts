import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import defects from "./defects.json";
import kept from "./kept.json";
import { type Outcome, play, playing, type Scenario } from "./play";

const program = fileURLToPath(new URL("simulate.mjs", import.meta.url));

function simulate(...args: string[]) {
  const { stdout, status } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  return { status, stdout };
}

const rule = ({ violations }: Outcome) => violations.map(({ rule, text }) => `${rule}: ${text}`);

/** A defect that takes no more runs than this is found within half a minute. */
const QUICK = 12;

describe("the simulator", () => {
  it.each(kept)("holds where it once failed: $found", async ({ scenario }) => {
    expect(rule(await playing(() => play(scenario as Scenario)))).toEqual([]);
  });

  it("plays the same run twice, draw for draw", async () => {
    const [, second] = kept;
    const scenario = second?.scenario as Scenario;
    await playing(async () => {
      const first = await play(scenario);
      const again = await play(scenario, { expected: first.drawn });
      expect(again.digest).toBe(first.digest);
      expect(again.drawn).toEqual(first.drawn);
    });
  });

  it("finds nothing from a fixed seed, and ends with its line", () => {
    const { status, stdout } = simulate("--seed", "1", "--steps", "12000");
    expect(stdout).toMatch(/\nseed=1 steps=12000 violations=0 trace=[0-9a-f]{16}\n$/);
    expect(status).toBe(0);
  });

  it("finds a planted defect, one of those that it has found before", () => {
    const known = defects.filter(({ runs }) => runs !== undefined && runs <= QUICK);
    const defect = known[randomInt(known.length)];
    const { stdout } = simulate("--defects", defect?.name ?? "");
    expect(stdout).toMatch(new RegExp(`^found +${defect?.name}, runs: \\d+\n$`));
  });
});

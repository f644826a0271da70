import { createHash } from "node:crypto";
import fc from "fast-check";
import { LANES, type Outcome, play, playing, type Scenario } from "./play";

export interface Explored {
  steps: number;
  runs: number;
  /** How many runs broke a rule. */
  violations: number;
  trace: string;
  rare: ReadonlyMap<string, number>;
  tokenCalls: number;
}

/** fast-check makes so many runs of a seed before it takes the next one. */
const BATCH = 25;
/** A failure is made smaller by so many tries at most. */
const SHRINKS = 150;

const WHOLE_LANE = 100_000;
const FREE = [0, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.noShrink(fc.nat(2 ** 31 - 1)),
  actions: fc.array(fc.record({ kind: fc.nat(9999), who: fc.nat(5), wait: fc.nat(9) }), {
    minLength: 3,
    maxLength: 24,
    size: "max",
  }),
  // How much of each lane is free: all of it at first, less and less while a failure is made smaller.
  lanes: fc.record(Object.fromEntries(LANES.map((lane) => [lane, free()]))) as fc.Arbitrary<
    Scenario["lanes"]
  >,
});

function free(): fc.Arbitrary<number> {
  // fast-check makes numbers smaller, so that the smallest stands for the least; most are for all of it.
  return fc.integer({ min: 0, max: 40 }).map((large) => FREE[large] ?? WHOLE_LANE);
}

/**
 * Plays runs until `steps` have been taken, or so many runs broke a rule.
 *
 * @param options.say is told each failure’s story.
 */
export function explore(options: {
  seed: number;
  steps: number;
  stopAfter?: number;
  say: (line: string) => void;
}): Promise<Explored> {
  const { seed, steps, stopAfter = Number.POSITIVE_INFINITY, say } = options;
  const trace = createHash("sha256");
  const found = {
    steps: 0,
    runs: 0,
    violations: 0,
    tokenCalls: 0,
    rare: new Map<string, number>(),
  };

  function note({ steps: taken, digest, rare, tokenCalls }: Outcome): void {
    found.steps += taken;
    found.runs += 1;
    found.tokenCalls += tokenCalls;
    trace.update(digest);
    for (const [what, count] of rare) found.rare.set(what, (found.rare.get(what) ?? 0) + count);
  }

  return playing(async () => {
    for (let batch = 0; found.steps < steps && found.violations < stopAfter; batch++) {
      let failed = false;
      let shrinks = 0;
      const property = fc.asyncProperty(scenarios, async (scenario) => {
        if (failed && ++shrinks > SHRINKS) return true;
        if (!failed && found.steps >= steps) return true;
        const most = failed ? undefined : steps - found.steps;
        const outcome = await play(scenario, most === undefined ? {} : { most });
        if (!failed) note(outcome);
        const isGood = outcome.violations.length === 0;
        failed ||= !isGood;
        return isGood;
      });
      const checked = await fc.check(property, {
        seed: (seed * 100_003 + batch) | 0,
        numRuns: BATCH,
      });
      const [smallest] = checked.counterexample ?? [];
      if (!smallest) continue;
      found.violations += 1;
      await tell(smallest, `seed ${checked.seed}, path ${checked.counterexamplePath}`, say);
    }
    return { ...found, trace: trace.digest("hex").slice(0, 16) };
  });
}

const NOISE = /timer|store (readClock|endsSince|takeRevocation|prune)|is done$|goes on$/;

/** A failure’s story: who did what when, and which rule it broke. */
export async function tell(
  scenario: Scenario,
  where: string,
  say: (line: string) => void,
): Promise<void> {
  const lines: string[] = [];
  let begin: number | null = null;
  await play(scenario, {
    onNote(at, text) {
      begin ??= at;
      if (!NOISE.test(text))
        lines.push(`${((at - begin) / 1000).toFixed(3).padStart(9)} s  ${text}`);
    },
  });
  say(`A run broke a rule (${where}):`);
  const broken = lines.findIndex((line) => line.includes("VIOLATION"));
  for (const line of lines.slice(Math.max(0, broken - 100), broken + 3)) say(line);
  say(`scenario ${JSON.stringify(scenario)}`);
}

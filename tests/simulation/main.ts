import { parseArgs } from "node:util";
import { explore, tell } from "./explore";
import { playing, type Scenario } from "./play";

// What `npm run simulate` runs, bundled by simulate.mjs.
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: "20000" },
    /** Stop at the first run that breaks a rule: for planted defects. */
    first: { type: "boolean", default: false },
    /** Play this one run, as a failure prints it. */
    scenario: { type: "string" },
    quiet: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const steps = Number(values.steps);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(steps) || steps < 1) {
  process.stderr.write("Usage: npm run simulate -- --seed S --steps N\n");
  process.exit(2);
}
const say = (line: string) => void process.stdout.write(`${line}\n`);
const { scenario } = values;
if (scenario !== undefined) {
  await playing(() => tell(JSON.parse(scenario) as Scenario, "given", say));
  process.exit(0);
}
const found = await explore({
  seed,
  steps,
  ...(values.first && { stopAfter: 1 }),
  say: values.quiet ? () => {} : say,
});
const rare = [...found.rare].sort().map(([what, count]) => `${what} ${count}`);
if (!values.quiet) say(`rare states: ${rare.join(", ")}`);
say(`runs=${found.runs} token calls=${found.tokenCalls}`);
say(`seed=${seed} steps=${found.steps} violations=${found.violations} trace=${found.trace}`);
process.exit(found.violations === 0 ? 0 : 1);

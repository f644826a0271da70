import { parseArgs } from "node:util";

export type TokenUses = "many" | "one" | "both";

export type Order =
  | {
      ok: true;
      what: "chaos" | "soak";
      seed: number;
      seconds: number;
      browsers: number;
      /** For how many uses refresh tokens are; `both`: first for many, then for one. */
      tokens: TokenUses;
      /** Where the databases aren’t installed, leave it out instead of failing. */
      ifPossible: boolean;
    }
  | { ok: false; problem: string };

const USAGE =
  "npm run chaos -- [--seed N] [--seconds N] [--browsers N] [--tokens many|one|both], and the same for npm run soak.";
const DEFAULTS = {
  chaos: { seconds: "180", browsers: "60" },
  soak: { seconds: "120", browsers: "200" },
};

/** What a command line asks for. `newSeed` is asked where it names none. */
export function readOrder([what, ...args]: readonly string[], newSeed: () => number): Order {
  if (what !== "chaos" && what !== "soak") return { ok: false, problem: USAGE };
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: "string" },
        seconds: { type: "string", default: DEFAULTS[what].seconds },
        browsers: { type: "string", default: DEFAULTS[what].browsers },
        tokens: { type: "string", default: "both" },
        "if-possible": { type: "boolean", default: false },
      },
    });
    const [seed, seconds, browsers] = [
      values.seed === undefined ? newSeed() : Number(values.seed),
      Number(values.seconds),
      Number(values.browsers),
    ];
    const isFine = [seed, seconds, browsers].every(
      (number) => Number.isInteger(number) && number >= 0,
    );
    const { tokens } = values;
    if (tokens !== "many" && tokens !== "one" && tokens !== "both") {
      return { ok: false, problem: USAGE };
    }
    if (!isFine || browsers === 0) return { ok: false, problem: USAGE };
    return { ok: true, what, seed, seconds, browsers, tokens, ifPossible: values["if-possible"] };
  } catch {
    return { ok: false, problem: USAGE };
  }
}

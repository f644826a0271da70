import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));

/** Builtins of a Unix shell, for which Windows has a file of ours in the project’s folder. */
const OURS_ON_WINDOWS = ["exec"];

/** What Windows' cmd would not understand of a script. */
function unknownToCmd(script: string): string[] {
  const syntax = [
    [/(^|&&|\|\|)\s*\w+=\S/, "sets a variable before a command"],
    [/\$[\w{(]/, "reads a variable as $NAME"],
    [/'/, "quotes by '"],
    [/;|(?<!&)&(?!&)/, "joins commands by ; or &"],
  ] as const;
  return syntax.flatMap(([pattern, what]) => (pattern.test(script) ? [what] : []));
}

describe("the commands of package.json", () => {
  it.each(Object.entries(scripts))("FC-1 %s is understood by Windows’ cmd too", (_, script) => {
    expect(unknownToCmd(script)).toEqual([]);
  });

  it.each([
    "NODE_ENV=production node build/server/index.js",
    "npm run lint && CI=true npm test",
    "node $FILE",
    "vitest run 'tests/**'",
    "vite build; vite preview",
    "vite & node server.js",
  ])("FC-1 would be refused as: %s", (script) => {
    expect(unknownToCmd(script)).not.toEqual([]);
  });

  it.each(["start", "admin"])("FC-1 %s leaves no shell between npm and the server", (name) => {
    expect(scripts[name]).toMatch(/^exec node .*build\/server\/index\.js/);
  });

  it.each(OURS_ON_WINDOWS)("FC-1 have a %s on Windows, which runs its arguments", (name) => {
    const lines = readFileSync(`${name}.cmd`, "utf8").trimEnd().split(/\r?\n/);
    expect(lines.filter((line) => !line.startsWith("@rem "))).toEqual(["@%*"]);
  });
});

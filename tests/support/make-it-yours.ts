import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DOCUMENT = "docs/make-it-yours.md";

/** The steps of a section of docs/make-it-yours.md, each on one line. */
export function stepsOf(section: string): string[] {
  const [, text = ""] = readFileSync(DOCUMENT, "utf8").split(`## ${section}\n`);
  const [own = ""] = text.split("\n## ");
  return [...own.matchAll(/^\d+\. (.+(?:\n {3}.+)*)/gm)].map(([, step = ""]) =>
    step.replace(/\s+/g, " "),
  );
}

/** Does in a copy of the app what a step says. A step that is none, or that finds nothing, is an error. */
export function doStep(folder: string, step: string): void {
  const quoted = [...step.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
  if (step.startsWith("Delete ")) {
    for (const path of quoted) {
      statSync(join(folder, path));
      rmSync(join(folder, path), { recursive: true });
    }
    return;
  }
  const [path, named] = quoted;
  const what = /^In `[^`]+`, delete the (lines?|row) /.exec(step)?.[1];
  if (what === undefined || path === undefined || named === undefined) {
    throw new Error(`Nobody can do this step: ${step}`);
  }
  const before = readFileSync(join(folder, path), "utf8");
  const after = what === "row" ? withoutRow(before, named) : withoutLines(before, named);
  if (after === before) throw new Error(`${path} has no ${named}`);
  writeFileSync(join(folder, path), after);
}

function withoutLines(text: string, named: string): string {
  const lines = text.split("\n");
  return lines.filter((line) => !line.includes(named)).join("\n");
}

/** A row goes from its name to the brace that closes it, in the same column. */
function withoutRow(text: string, named: string): string {
  return text.replace(new RegExp(`^( +)${named}: \\{\\n[\\s\\S]*?^\\1\\},\\n`, "m"), "");
}

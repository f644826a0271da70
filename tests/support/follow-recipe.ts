import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SECTION = "### A feature of your own";

/** A block of code in README’s recipe for a feature, by its language: `js`, `ts` or `tsx`. */
export function recipeBlock(language: string): string {
  const readme = readFileSync("README.md", "utf8");
  const section = readme.slice(readme.indexOf(SECTION));
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(section)?.[1] ?? "";
}

/** Does in a clone what README’s recipe for a feature says. */
export function followRecipe(folder: string): void {
  insert(join(folder, "app/google/scopes.ts"), "FEATURES = {", recipeBlock("js"));
  mkdirSync(join(folder, "app/tasks"));
  writeFileSync(join(folder, "app/tasks/local-google.ts"), recipeBlock("ts"));
  const list = join(folder, "tests/local-google/features.ts");
  insert(list, "", 'import { tasks } from "../../app/tasks/local-google";\n');
  insert(list, "LocalFeature[] = [", "tasks,");
  writeFileSync(join(folder, "app/routes/tasks.tsx"), recipeBlock("tsx"));
}

/** Puts text into a file, right behind what is there. */
export function insert(file: string, behind: string, added: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.includes(behind)) throw new Error(`${file} has no ${behind}`);
  writeFileSync(
    file,
    text.replace(behind, () => behind + added),
  );
}

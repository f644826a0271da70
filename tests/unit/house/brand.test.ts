import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** What the app was called at first, in two parts so that this file hasn’t got it either. */
const FIRST_NAME = ["Latch", "key"].join("");
const TEXT = /\.(tsx?|mjs|css|svg|md|json|ya?ml|txt)$/;

const FILES = [
  ...["SECURITY.md", ".env.example", "package.json", "vite.config.ts"],
  ...["app", "docs", "public", "scripts", "tests"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => TEXT.test(path))
      .map((path) => `${folder}/${path.replaceAll("\\", "/")}`),
  ),
];

/** The lines with the name as a word by itself, which `createLatchkey` or `latchkey_users` are not. */
function namings(path: string): string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  const word = new RegExp(`\\b${FIRST_NAME}\\b`);
  return lines.filter((line) => word.test(line)).map((line) => `${path}: ${line.trim()}`);
}

describe("the app’s name", () => {
  it("stands in its home, where a rename finds it, and nowhere else but in README", () => {
    expect(FILES.length).toBeGreaterThan(300);
    const home = `app/brand/brand.ts: name: "${FIRST_NAME}",`;
    expect(FILES.flatMap(namings).filter((naming) => naming !== home)).toEqual([]);
  });
});

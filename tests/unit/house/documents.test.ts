import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FEATURES, SIGN_IN_SCOPES } from "../../../app/google/scopes";

describe("the README", () => {
  const readme = readFileSync("README.md", "utf8");

  it("SC-09 gives the session's limits and their reasons against NIST's", () => {
    expect(readme).toMatch(/NIST/);
    expect(readme).toMatch(/\b30 days\b/);
    expect(readme).toMatch(/\b180 days\b/);
    expect(readme).toMatch(/24 (h|hours)/);
  });

  it("DA-14 wants a project for each tier, the scopes that are asked for and no others, and a watch on the client", () => {
    const production = readme.slice(readme.indexOf("## Going to production"));
    expect(production).toMatch(/project per tier/);
    for (const scope of SIGN_IN_SCOPES) expect(production).toContain(`\`${scope}\``);
    const named = production.match(/https:\/\/www\.googleapis\.com\/auth\/[\w.]+/g);
    expect(named).toEqual(Object.values(FEATURES).flatMap(({ scopes }) => [...scopes]));
    expect(production).toMatch(/deletes OAuth clients that were not used for six months/);
  });

  it("shows a protected page in ten lines", () => {
    const [, recipe = ""] = /```tsx\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(recipe).toContain("requireUser");
    expect(recipe.split("\n").filter((line) => line.trim() !== "")).toHaveLength(10);
  });

  it("names every setting that .env.example has", () => {
    const names = [...readFileSync(".env.example", "utf8").matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)];
    expect(names.length).toBeGreaterThan(15);
    for (const [, name] of names) expect(readme).toContain(name);
  });
});

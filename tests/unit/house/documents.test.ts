import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

describe("the README", () => {
  const readme = readFileSync("README.md", "utf8");

  it("SC-09 gives the session's limits and their reasons against NIST's", () => {
    expect(readme).toMatch(/NIST/);
    expect(readme).toMatch(/\b30 days\b/);
    expect(readme).toMatch(/\b180 days\b/);
    expect(readme).toMatch(/24 (h|hours)/);
  });

  it("names every setting that .env.example has", () => {
    const names = [...readFileSync(".env.example", "utf8").matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)];
    expect(names.length).toBeGreaterThan(15);
    for (const [, name] of names) expect(readme).toContain(name);
  });
});

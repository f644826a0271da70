import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findGaps, stillPlanned } from "./conformance";
import { readTestTitles } from "./read-test-titles";
import { renderConformance, UPDATE_COMMAND } from "./render-conformance";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const PLANNED = "docs/requirements-planned.json";
const CONFORMANCE = "docs/conformance.md";

const id = z.string().regex(/^[A-Z]{2}-\d{1,2}$/);
const sentence = z.string().regex(/^[^\n]+\.$/);
const rows = z
  .array(z.strictObject({ id, requirement: sentence, section: z.string().min(1) }))
  .parse(JSON.parse(read("docs/requirements.json")));
const notApplicable = z
  .record(id, sentence)
  .parse(JSON.parse(read("docs/requirements-not-applicable.json")));
const planned = z
  .record(id, z.union([z.int().positive(), z.literal("later")]))
  .parse(JSON.parse(read(PLANNED)));
const titles = readTestTitles(testFiles());

const updating = process.env.UPDATE_CONFORMANCE === "1";
const plans = updating ? stillPlanned(planned, titles) : planned;
const conformance = renderConformance(rows, titles, notApplicable, plans);
if (updating) {
  writeFileSync(join(root, PLANNED), `${JSON.stringify(plans, null, 2)}\n`);
  writeFileSync(join(root, CONFORMANCE), conformance);
}

describe("docs/requirements.json", () => {
  it("has each row once", () => {
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
  });
});

describe("docs/conformance.md", () => {
  it("has a test, a reason or a plan for each row, and no test for a row that is none", () => {
    expect(findGaps(rows, titles, notApplicable, plans)).toEqual([]);
  });

  it("says what the titles of the tests say today", () => {
    expect(read(CONFORMANCE), `${CONFORMANCE} is stale. Mend it by: ${UPDATE_COMMAND}`).toBe(
      conformance,
    );
  });
});

/** All tests that can show a requirement, by path. */
function testFiles() {
  return readdirSync(join(root, "tests"), { recursive: true, encoding: "utf8" })
    .map((path) => `tests/${path.replaceAll("\\", "/")}`)
    .filter((path) => /^tests\/(unit|integration|simulation|browser)\//.test(path))
    .filter((path) => /\.(test|spec)\.tsx?$/.test(path))
    .sort()
    .map((path) => ({ path, text: read(path) }));
}

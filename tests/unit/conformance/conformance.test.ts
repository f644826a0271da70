import { describe, expect, it } from "vitest";
import { findGaps, rowIdsIn, stillPlanned } from "../../conformance/conformance";
import { aRow, aTest } from "./conformance-samples";

const rows = [aRow("AA-01"), aRow("AA-02"), aRow("BB-01")];
const all = aTest("AA-01 AA-02 BB-01 all at once");

describe("rowIdsIn", () => {
  it.each([
    ["AA-01 is due at 600 s", ["AA-01"]],
    ["AA-01 AA-14 are both shown", ["AA-01", "AA-14"]],
    ["a cookie (AA-01, BB-02) and again AA-01", ["AA-01", "BB-02"]],
    ["AA-1 and AA-001 as they were mistyped", ["AA-1", "AA-001"]],
    ["SHA-256, UTF-8, RFC-9207 and XAA-01 are none", []],
    ["nothing", []],
  ])("finds in %j: %j", (title, ids) => {
    expect(rowIdsIn(title)).toEqual(ids);
  });
});

describe("findGaps", () => {
  it("is empty when each row has a test, a reason or a plan", () => {
    const tests = [aTest("AA-01 holds")];
    expect(findGaps(rows, tests, { "AA-02": "No such thing here." }, { "BB-01": 4 })).toEqual([]);
  });

  it("takes one test for several rows, and a `describe` for the tests in it", () => {
    expect(findGaps(rows, [all], {}, {})).toEqual([]);
    const inSuite = aTest("holds", { suites: ["AA-01 and AA-02", "also BB-01"] });
    expect(findGaps(rows, [inSuite], {}, {})).toEqual([]);
  });

  it("names a row with neither test, reason nor plan", () => {
    expect(findGaps(rows, [aTest("AA-01 BB-01 hold")], {}, {})).toEqual([
      "AA-02 has no test that names it in its title, no reason and no plan.",
    ]);
  });

  it("names a plan that a test or a reason has overtaken", () => {
    expect(findGaps(rows, [all], {}, { "AA-02": 4 })).toEqual([
      "AA-02 has a test: take it out of requirements-planned.json.",
    ]);
    const tests = [aTest("AA-01 AA-02 hold")];
    expect(findGaps(rows, tests, { "BB-01": "Not here." }, { "BB-01": "later" })).toEqual([
      "BB-01 is planned and does not apply: only one can be true.",
    ]);
  });

  it("lets a row that is decided differently have tests, too", () => {
    expect(findGaps(rows, [all], { "AA-01": "Decided differently." }, {})).toEqual([]);
  });

  it("names a test, a reason and a plan for a row that does not exist", () => {
    const mistyped = aTest("BB-1 holds", { file: "tests/unit/b.test.ts" });
    expect(findGaps(rows, [all, mistyped], { "CC-01": "Why." }, { "CC-02": 4 })).toEqual([
      "CC-01 has a reason or a plan, but there is no such row.",
      "CC-02 has a reason or a plan, but there is no such row.",
      'BB-1 is named by "BB-1 holds" in tests/unit/b.test.ts, but there is no such row.',
    ]);
  });
});

describe("stillPlanned", () => {
  it("keeps the plans for rows that no test names yet", () => {
    const planned = { "AA-01": 4, "AA-02": 5, "BB-01": "later" } as const;
    expect(stillPlanned(planned, [aTest("AA-02 holds")])).toEqual({ "AA-01": 4, "BB-01": "later" });
  });
});

import { describe, expect, it } from "vitest";
import type { NotApplicable, Planned, Requirement } from "../../conformance/conformance";
import type { TestTitle } from "../../conformance/read-test-titles";
import { renderConformance } from "../../conformance/render-conformance";
import { aRow, aTest } from "./conformance-samples";

const A = "in [tests/unit/a.test.ts](../tests/unit/a.test.ts)";
const B = "in [tests/unit/b.test.ts](../tests/unit/b.test.ts)";

/** The line of the row AA-01, shown by these tests. */
function lineOf(
  row: Partial<Requirement>,
  titles: readonly TestTitle[],
  notApplicable: NotApplicable = {},
  planned: Planned = {},
) {
  const markdown = renderConformance([aRow("AA-01", row)], titles, notApplicable, planned);
  return markdown.split("\n").find((line) => line.startsWith("| AA-01 |"));
}

describe("renderConformance", () => {
  it("counts each section and all, then has a table for each section in the rows' order", () => {
    const markdown = renderConformance(
      [
        aRow("BB-01", { section: "Second letter" }),
        aRow("BB-02", { section: "Second letter" }),
        aRow("AA-01", { section: "First letter" }),
        aRow("AA-02", { section: "First letter" }),
      ],
      [aTest("BB-01 holds")],
      { "BB-02": "No such thing here." },
      { "AA-01": 4 },
    );
    expect(markdown.slice(markdown.indexOf("| section |"))).toBe(
      `| section | rows | tested | not applicable | planned | open |
| --- | ---: | ---: | ---: | ---: | ---: |
| Second letter | 2 | 1 | 1 | 0 | 0 |
| First letter | 2 | 0 | 0 | 1 | 1 |
| All | 4 | 1 | 1 | 1 | 1 |

## Second letter

| row | requirement | shown by |
| --- | --- | --- |
| BB-01 | What BB-01 asks for. | BB-01 holds<br>${A} |
| BB-02 | What BB-02 asks for. | No such thing here. |

## First letter

| row | requirement | shown by |
| --- | --- | --- |
| AA-01 | What AA-01 asks for. | Planned for issue 4 |
| AA-02 | What AA-02 asks for. | **Open** |
`,
    );
  });

  it("lists a row’s tests by file, each title once", () => {
    const titles = [
      aTest("AA-01 first"),
      aTest("AA-01 second"),
      aTest("something else"),
      aTest("AA-01 first"),
      aTest("AA-02 and AA-01", { file: "tests/unit/b.test.ts" }),
    ];
    expect(lineOf({}, titles)).toBe(
      `| AA-01 | What AA-01 asks for. | AA-01 first<br>AA-01 second<br>${A}<br>AA-02 and AA-01<br>${B} |`,
    );
  });

  it("counts the tests that a `describe` puts to a row, and names the nearest one", () => {
    const suites = ["AA-01 faults", "AA-01 at refresh"];
    expect(lineOf({}, [aTest("500", { suites }), aTest("503", { suites })])).toBe(
      `| AA-01 | What AA-01 asks for. | AA-01 at refresh, 2 in all<br>${A} |`,
    );
  });

  it("shows the reason before the tests where a row has both", () => {
    expect(lineOf({}, [aTest("AA-01 holds")], { "AA-01": "Decided differently." })).toBe(
      `| AA-01 | What AA-01 asks for. | Decided differently.<br>AA-01 holds<br>${A} |`,
    );
  });

  it("says so when the issue of a planned row is not filed yet", () => {
    expect(lineOf({}, [], {}, { "AA-01": "later" })).toContain("| Planned later |");
  });

  it("keeps a text inside its cell: pipes, line ends, tags, stars; code stays code", () => {
    const requirement = "`a|b` and `<b>` | <script>\n *all* __bold__ `__Host-*`.";
    expect(lineOf({ requirement }, [])).toBe(
      "| AA-01 | `a\\|b` and `<b>` \\| \\<script> \\*all\\* \\_\\_bold\\_\\_ `__Host-*`. | **Open** |",
    );
  });
});

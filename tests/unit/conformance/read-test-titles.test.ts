import { describe, expect, it } from "vitest";
import { readTestTitles } from "../../conformance/read-test-titles";

/** The titles found in a test file of this text, each with its suites, as "suite > title". */
function titlesIn(text: string) {
  return readTestTitles([{ path: "tests/unit/a.test.ts", text }]).map(({ suites, title }) =>
    [...suites, title].join(" > "),
  );
}

describe("readTestTitles", () => {
  it("reads `it` and `test`, in quotes of each kind", () => {
    expect(
      titlesIn(`
        it("AA-01 in double quotes", () => {});
        test('AA-02 in single quotes', async () => {});
        it(\`AA-03 in a template\`, () => {});
        it("AA-04 in " + 'two pieces', () => {});
      `),
    ).toEqual([
      "AA-01 in double quotes",
      "AA-02 in single quotes",
      "AA-03 in a template",
      "AA-04 in two pieces",
    ]);
  });

  it("reads what is put in while running as an ellipsis", () => {
    expect(
      titlesIn(`it(\`AA-01 \${kind} of \${count} parts\`, () => {}); it("AA-02 " + kind);`),
    ).toEqual(["AA-01 … of … parts", "AA-02 …"]);
  });

  it("reads tables: a list, a template, `for`", () => {
    expect(
      titlesIn(`
        it.each([["AA-09", 1], ["BB-09", 2]])("AA-01 takes %s", () => {});
        test.each\`a | b
          \${1} | \${"AA-08"}\`("AA-02 adds $a", () => {});
        it.for(rows)("AA-03 %o", () => {});
        describe.each(["x"])("%s of AA-04", () => { it("works", () => {}); });
      `),
    ).toEqual(["AA-01 takes %s", "AA-02 adds $a", "AA-03 %o", "%s of AA-04 > works"]);
  });

  it("reads tests with modifiers and options", () => {
    expect(
      titlesIn(`
        it.only("AA-01 alone", () => {});
        it.concurrent.each([1])("AA-02 at once", () => {});
        test.skipIf(noDatabase)("AA-03 where it can", { timeout: 1 }, () => {});
      `),
    ).toEqual(["AA-01 alone", "AA-02 at once", "AA-03 where it can"]);
  });

  it("gives each test the `describe`s around it, outermost first, also Playwright’s", () => {
    expect(
      titlesIn(`
        describe("the cookie", () => {
          it("opens", () => {});
          describe("AA-01 when torn", () => {
            for (const part of parts) it("is refused", () => {});
          });
        });
        test.describe("sign-in", () => {
          test.describe.serial("in a tab", () => { test("works", async ({ page }) => {}); });
        });
        describe(parseReturnTo, () => { it("takes a page", () => {}); });
      `),
    ).toEqual([
      "the cookie > opens",
      "the cookie > AA-01 when torn > is refused",
      "sign-in > in a tab > works",
      "takes a page",
    ]);
  });

  it("leaves out what never runs", () => {
    expect(
      titlesIn(`
        it.skip("AA-01 skipped", () => {});
        it.todo("AA-02 to be written");
        test.fixme("AA-03 broken", () => {});
        describe.skip("AA-04 all of it", () => { it("skipped, too", () => {}); });
        // it("AA-05 in a comment", () => {});
        const source = 'it("AA-06 in a text", () => {})';
      `),
    ).toEqual([]);
  });

  it("leaves out other calls that take a text first", () => {
    expect(
      titlesIn(`
        expect("AA-01");
        visit("AA-02");
        regexp.test("AA-03");
        test.use({ locale: "AA-04" });
        test.beforeEach("AA-05", () => {});
        test("a test", async () => { await test.step("AA-06", () => {}); });
      `),
    ).toEqual(["a test"]);
  });

  it("reads types and JSX, and keeps the order of files and tests", () => {
    const titles = readTestTitles([
      { path: "tests/unit/b.test.tsx", text: 'it("two", () => { render(<p>it</p>); });' },
      { path: "tests/unit/a.test.ts", text: 'it("one", () => { ok<string>(x as never); });' },
    ]);
    expect(titles).toEqual([
      { file: "tests/unit/b.test.tsx", title: "two", suites: [] },
      { file: "tests/unit/a.test.ts", title: "one", suites: [] },
    ]);
  });
});

import ts from "typescript";

/** A test file: its path from the project’s root, and its text. */
interface TestFile {
  path: string;
  text: string;
}

/** A test that runs, with the titles of the `describe`s around it, outermost first. */
export interface TestTitle {
  file: string;
  title: string;
  suites: readonly string[];
}

/** Modifiers that leave a call a test or a suite. */
const RUNNING = [
  "each",
  "for",
  "only",
  "concurrent",
  "sequential",
  "parallel",
  "serial",
  "shuffle",
];
const RUNNING_SOMETIMES = ["skipIf", "runIf", "fails"];
/** Modifiers with which nothing runs, so nothing is shown. */
const NOT_RUNNING = ["skip", "todo", "fixme"];

/**
 * Reads the titles of all tests in Vitest and Playwright files: `it("…")`, `test("…")`, with
 * `describe("…")` and `test.describe("…")` around them, with `.each`, `.only` and the like between,
 * and titles in quotes, in template literals or joined by `+`. Tests that never run (`skip`,
 * `todo`, `fixme`) are left out. What is put in while running (`${fault}`) is read as "…", and a
 * table of `.each` is not looked into: a row’s id has to stand in the title itself.
 *
 * The order is that of the files, then of the tests in them.
 */
export function readTestTitles(files: readonly TestFile[]): TestTitle[] {
  return files.flatMap(({ path, text }) => {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
    return titlesIn(source, path, []);
  });
}

function titlesIn(node: ts.Node, file: string, suites: readonly string[]): TestTitle[] {
  const call = ts.isCallExpression(node) ? readCall(node) : null;
  if (call?.kind === "not running") return [];
  if (call?.kind === "test") return [{ file, title: call.title, suites }];

  const within = call?.kind === "suite" ? [...suites, call.title] : suites;
  const found: TestTitle[] = [];
  ts.forEachChild(node, (child) => {
    found.push(...titlesIn(child, file, within));
  });
  return found;
}

type Call = { kind: "test" | "suite"; title: string } | { kind: "not running" };

/** What a call says if it is a test’s or a suite’s, else null. */
function readCall(call: ts.CallExpression): Call | null {
  const [root, ...modifiers] = namesIn(call.expression);
  if (root !== "it" && root !== "test" && root !== "describe") return null;
  if (modifiers.some((name) => NOT_RUNNING.includes(name))) return { kind: "not running" };
  const known = [...RUNNING, ...RUNNING_SOMETIMES, "describe"];
  if (!modifiers.every((name) => known.includes(name))) return null;

  const [first] = call.arguments;
  const title = first === undefined ? null : readTitle(first);
  if (title === null) return null;
  const isSuite = root === "describe" || modifiers.includes("describe");
  return { kind: isSuite ? "suite" : "test", title };
}

/** `test.describe.each(…)` as ["test", "describe", "each"]; empty for any other shape. */
function namesIn(callee: ts.Expression): string[] {
  if (ts.isIdentifier(callee)) return [callee.text];
  if (ts.isPropertyAccessExpression(callee)) {
    return [...namesIn(callee.expression), callee.name.text];
  }
  if (ts.isCallExpression(callee)) return namesIn(callee.expression);
  if (ts.isTaggedTemplateExpression(callee)) return namesIn(callee.tag);
  return [];
}

function readTitle(title: ts.Expression): string | null {
  if (ts.isStringLiteralLike(title)) return title.text;
  if (ts.isTemplateExpression(title)) {
    return title.head.text + title.templateSpans.map((span) => `…${span.literal.text}`).join("");
  }
  if (ts.isBinaryExpression(title) && title.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return `${readTitle(title.left) ?? "…"}${readTitle(title.right) ?? "…"}`;
  }
  return null;
}

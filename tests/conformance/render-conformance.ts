import { type NotApplicable, type Planned, type Requirement, rowIdsIn } from "./conformance";
import type { TestTitle } from "./read-test-titles";

/** How to bring `docs/conformance.md` up to date. */
export const UPDATE_COMMAND = "UPDATE_CONFORMANCE=1 npx vitest run tests/conformance";

/**
 * `docs/conformance.md`: the counts of every section, then every row with the tests that name it,
 * or the reason why it does not apply, or when it is due. The same input gives the same text.
 */
export function renderConformance(
  rows: readonly Requirement[],
  titles: readonly TestTitle[],
  notApplicable: NotApplicable,
  planned: Planned,
): string {
  const judged = rows.map((row) => judge(row, titles, notApplicable, planned));
  const sections = [...new Set(rows.map((row) => row.section))].map((name) => ({
    name,
    members: judged.filter(({ row }) => row.section === name),
  }));
  const counts = [...sections, { name: "All", members: judged }].map(
    ({ name, members }) => `| ${name} | ${members.length} | ${countStates(members).join(" | ")} |`,
  );
  const tables = sections.flatMap(({ name, members }) => [
    "",
    `## ${name}`,
    "",
    "| row | requirement | shown by |",
    "| --- | --- | --- |",
    ...members.map(({ row, shownBy }) => `| ${row.id} | ${cell(row.requirement)} | ${shownBy} |`),
  ]);
  return [
    "<!-- biome-ignore-all format: generated, and too wide to be padded -->",
    "",
    "# Conformance",
    "",
    "What the app is held to, and the tests that show it. Generated from the titles of the tests",
    "and the `requirements*.json` beside this file, not to be edited; to bring it up to date:",
    `\`${UPDATE_COMMAND}\`.`,
    "",
    `| section | rows | ${STATES.join(" | ")} |`,
    `| --- |${" ---: |".repeat(STATES.length + 1)}`,
    ...counts,
    ...tables,
    "",
  ].join("\n");
}

const STATES = ["tested", "not applicable", "planned", "open"] as const;

interface Judged {
  row: Requirement;
  state: (typeof STATES)[number];
  /** The last cell of the row, as Markdown. */
  shownBy: string;
}

function judge(
  row: Requirement,
  titles: readonly TestTitle[],
  notApplicable: NotApplicable,
  planned: Planned,
): Judged {
  const tests = testsOf(row.id, titles);
  const reason = notApplicable[row.id];
  if (tests.length > 0) {
    const all = reason === undefined ? tests : [cell(reason), ...tests];
    return { row, state: "tested", shownBy: all.join("<br>") };
  }
  if (reason !== undefined) return { row, state: "not applicable", shownBy: cell(reason) };
  const issue = planned[row.id];
  if (issue === undefined) return { row, state: "open", shownBy: "**Open**" };
  const when = issue === "later" ? "later" : `for issue ${issue}`;
  return { row, state: "planned", shownBy: `Planned ${when}` };
}

function countStates(judged: readonly Judged[]): number[] {
  return STATES.map((state) => judged.filter((one) => one.state === state).length);
}

/** The tests of a row by file, each title once; where a `describe` names the row, it and a count. */
function testsOf(id: string, titles: readonly TestTitle[]): string[] {
  const namesRow = (text: string) => rowIdsIn(text).includes(id);
  const files = new Map<string, Map<string, number>>();
  for (const { file, title, suites } of titles) {
    const own = namesRow(title);
    const naming = own ? title : suites.findLast(namesRow);
    if (naming === undefined) continue;
    const counts = files.get(file) ?? new Map<string, number>();
    files.set(file, counts.set(naming, own ? 0 : (counts.get(naming) ?? 0) + 1));
  }
  return [...files].flatMap(([file, counts]) => [
    ...[...counts].map(([title, n]) => (n === 0 ? cell(title) : `${cell(title)}, ${n} in all`)),
    `in [${file}](../${file})`,
  ]);
}

/** A text for a cell of a Markdown table; what stands in backticks stays as it is. */
function cell(text: string): string {
  const pieces = text
    .replace(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .split(/(`[^`]*`)/);
  return pieces
    .map((piece) => (piece.startsWith("`") ? piece : piece.replace(/[<*]|_(?=_)|(?<=_)_/g, "\\$&")))
    .join("");
}

import type { TestTitle } from "./read-test-titles";

/** One row of `docs/requirements.json`. */
export interface Requirement {
  id: string;
  requirement: string;
  section: string;
}

/** Row id → why the row does not apply or is decided differently, in one sentence. */
export type NotApplicable = Readonly<Record<string, string>>;

/** Row id → number of the issue in which it is due; "later" when that issue is not filed yet. */
export type Planned = Readonly<Record<string, number | "later">>;

/** The row ids in a title, as written: `TR-01` and `TR-14` in "TR-01 TR-14 is due at half life". */
export function rowIdsIn(title: string): string[] {
  return [...new Set(title.match(/\b[A-Z]{2}-\d+\b/g) ?? [])];
}

/**
 * What keeps the conformance from being whole, one sentence each; empty when nothing does: a row
 * with neither test, reason nor plan; a plan for a row that is tested or has a reason; an id that
 * no row has, in a test’s title, a reason or a plan.
 */
export function findGaps(
  rows: readonly Requirement[],
  titles: readonly TestTitle[],
  notApplicable: NotApplicable,
  planned: Planned,
): string[] {
  const tested = testedIds(titles);
  const known = new Set(rows.map((row) => row.id));
  const open = rows
    .map((row) => row.id)
    .filter((id) => !tested.has(id) && !(id in notApplicable) && !(id in planned))
    .map((id) => `${id} has no test that names it in its title, no reason and no plan.`);

  const overtaken = Object.keys(planned).flatMap((id) => {
    if (tested.has(id)) return `${id} has a test: take it out of requirements-planned.json.`;
    if (id in notApplicable) return `${id} is planned and does not apply: only one can be true.`;
    return [];
  });

  const unknownReasons = Object.keys({ ...notApplicable, ...planned })
    .filter((id) => !known.has(id))
    .map((id) => `${id} has a reason or a plan, but there is no such row.`);
  const unknownTests = titles.flatMap((test) =>
    idsOf(test)
      .filter((id) => !known.has(id))
      .map((id) => `${id} is named by "${test.title}" in ${test.file}, but there is no such row.`),
  );
  return [...open, ...overtaken, ...unknownReasons, ...unknownTests];
}

/** The plans that stand: those for rows that no test names yet. */
export function stillPlanned(planned: Planned, titles: readonly TestTitle[]): Planned {
  const tested = testedIds(titles);
  return Object.fromEntries(Object.entries(planned).filter(([id]) => !tested.has(id)));
}

function testedIds(titles: readonly TestTitle[]): Set<string> {
  return new Set(titles.flatMap(idsOf));
}

function idsOf({ title, suites }: TestTitle): string[] {
  return rowIdsIn([...suites, title].join(" "));
}

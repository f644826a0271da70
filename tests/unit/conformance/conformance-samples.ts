import type { Requirement } from "../../conformance/conformance";
import type { TestTitle } from "../../conformance/read-test-titles";

/** A row of the requirements. */
export function aRow(id: string, row: Partial<Requirement> = {}): Requirement {
  return { id, requirement: `What ${id} asks for.`, section: "Section", ...row };
}

/** A test as it is read from a test file. */
export function aTest(title: string, test: Partial<TestTitle> = {}): TestTitle {
  return { file: "tests/unit/a.test.ts", title, suites: [], ...test };
}

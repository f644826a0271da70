import { afterEach, beforeEach, vi } from "vitest";

/** What nobody expected to be said is a failure: a test that expects it asserts it on a log instead. */
beforeEach(() => {
  for (const method of ["error", "warn"] as const) {
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => {
      unexpected.push(`console.${method}: ${words.map(String).join(" ")}`);
    });
  }
});

const unexpected: string[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  const said = unexpected.splice(0);
  if (said.length > 0) throw new Error(`Unexpected output:\n${said.join("\n")}`);
});

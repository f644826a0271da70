import type { TestProject } from "vitest/node";
import { findPostgres, startPostgres } from "./postgres";

declare module "vitest" {
  export interface ProvidedContext {
    /** The PostgreSQL server of this run; null where none is installed. */
    postgres: string | null;
  }
}

/** One PostgreSQL server for all test files: each makes a database of its own on it. */
export default async function sharePostgres(project: TestProject): Promise<() => Promise<void>> {
  const programs = findPostgres();
  if (programs === null) {
    project.provide("postgres", null);
    return async () => {
      process.stderr.write(`\n${LEFT_OUT}\n`);
    };
  }
  const server = await startPostgres(programs);
  project.provide("postgres", server.url);
  return () => server.dispose();
}

// Said last, where nobody overlooks it.
const LEFT_OUT = `************************************************************************
***  PostgreSQL isn’t installed: all tests that need it were LEFT OUT. ***
***  Debian: apt-get install postgresql                                ***
************************************************************************`;

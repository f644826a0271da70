import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The address of a SQLite file that isn’t there yet, in a folder of its own. */
export function temporaryDatabase(): { url: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-sqlite-"));
  return {
    url: `file:${join(folder, "data", "latchkey.db")}`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What `npm run dev` and `npm run build` read of a clone. */
const CLONE = ["app", "tests/local-google", "public", "vite.config.ts", "package.json"];

/** A fresh clone of the app in a folder of its own, with its packages. The caller deletes it. */
export function cloneApp(): string {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-clone-"));
  for (const name of CLONE) cpSync(name, join(folder, name), { recursive: true });
  // Not the folder as a whole: Vite would find there what an earlier run has made ready.
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync("node_modules")) {
    if (name === ".vite") continue;
    symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}

import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What `npm run dev` and `npm run build` read of a clone. */
const FOR_RUNNING = ["app", "tests/local-google", "public", "vite.config.ts", "package.json"];
/** What a clone has not: what .gitignore names, and Git’s own. */
const NOT_CLONED =
  /^(node_modules|build|data|test-results|playwright-report|coverage|\.git|\.env(?!\.example).*|.*\.log)$/;

/** A fresh clone of the app in a folder of its own, with its packages. The caller deletes it. */
export function cloneApp(): string {
  return clone(FOR_RUNNING);
}

/** A clone with everything in it, for its checks and tests too. The caller deletes it. */
export function cloneAll(): string {
  return clone(readdirSync(".").filter((name) => !NOT_CLONED.test(name)));
}

function clone(names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-clone-"));
  for (const name of names) cpSync(name, join(folder, name), { recursive: true });
  // Not the folder as a whole: Vite would find there what an earlier run has made ready.
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync("node_modules")) {
    if (name === ".vite") continue;
    symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}

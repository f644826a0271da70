import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { SavedState } from "./google-state";

/** Undefined where there is no file, or none that we can read: then a new Google begins. */
export async function loadState(file: string): Promise<SavedState | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as SavedState;
  } catch {
    return undefined;
  }
}

export type StateSaver = { changed(): void; finish(): Promise<void> };

/** Writes soon after a change, one write at a time, and never half a file. */
export function stateSaver(file: string, current: () => SavedState): StateSaver {
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  async function write() {
    const draft = `${file}.new`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, JSON.stringify(current()), { mode: 0o600 });
    await chmod(draft, 0o600);
    await rename(draft, file);
  }
  function writeNow() {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write, write);
    return writing;
  }
  return {
    changed() {
      timer ??= setTimeout(() => void writeNow().catch(() => {}), 100).unref();
    },
    finish: writeNow,
  };
}

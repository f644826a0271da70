import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, openStore, type Random, type Store } from "./app-parts";

/** The real store over a file of SQLite, which can be lost and put back as it was. */
export interface Database {
  readonly store: Store;
  rowOf(id: string): Promise<"live" | "ended" | "absent">;
  keepCopy(): Promise<void>;
  /** Puts the copy back, or an empty database where there is none. */
  restore(from: "copy" | "nothing"): Promise<void>;
  remove(): Promise<void>;
}

const FOLDER = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
let template: string | null = null;

export async function openDatabase(clock: Pick<Clock, "now">, random: Random): Promise<Database> {
  const folder = mkdtempSync(join(FOLDER, "latchkey-simulation-"));
  const path = join(folder, "now.db");
  const copy = join(folder, "copy.db");
  const open = async (file = path) => {
    const opened = await openStore({ databaseUrl: `file:${file}`, clock, random, callMs: 60_000 });
    if (!opened.ok) throw new Error(`no database: ${opened.error.reason}`);
    return opened.store;
  };
  if (template === null) {
    // The tables are made once for all runs.
    const made = join(mkdtempSync(join(FOLDER, "latchkey-simulation-")), "empty.db");
    await (await open(made)).close();
    process.once("exit", () => rmSync(join(made, ".."), { recursive: true, force: true }));
    template = made;
  }
  const empty = template;
  copyFileSync(empty, path);
  let store = await open();

  async function reopen(change: () => void): Promise<void> {
    // Closing writes the log into the file, so that it is whole.
    await store.close();
    change();
    store = await open();
  }
  return {
    get store() {
      return store;
    },
    async rowOf(id) {
      const found = await store.readSession(id);
      if (found.kind === "unavailable") throw new Error("The database is away by itself.");
      if (found.kind === "absent") return "absent";
      return found.endReason === null ? "live" : "ended";
    },
    keepCopy: () => reopen(() => copyFileSync(path, copy)),
    restore: (from) =>
      reopen(() => copyFileSync(from === "copy" && existsSync(copy) ? copy : empty, path)),
    async remove() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

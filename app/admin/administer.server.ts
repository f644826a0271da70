import { version } from "../../package.json";
import { systemClock } from "../config/clock.server";
import { readEnvironment } from "../config/environment.server";
import { createLog } from "../config/log.server";
import { readSettings } from "../config/settings.server";
import { createPseudonyms } from "../session/pseudonyms.server";
import { aboutDatabase } from "../store/database/explain-unopened.server";
import { openStore } from "../store/store.server";
import { runAdminCommand } from "./admin-command.server";

/** `node build/server/index.js admin …`: the operator’s commands, on the database of the running app. */
export async function administer(args: readonly string[]): Promise<void> {
  const read = readSettings(readEnvironment(), "production");
  if (!read.ok) return sayTo(process.stderr, read.message, 1);
  const { databaseUrl, google, logLevel, sessionSecrets, sessionIdleMs, sessionAbsoluteMs } =
    read.settings;
  const opened = await openStore({ databaseUrl });
  if (!opened.ok) {
    return sayTo(process.stderr, `Nothing was done: ${aboutDatabase(opened.error)}`, 1);
  }
  const { issuer } = google;
  const limits = { idleMs: sessionIdleMs, absoluteMs: sessionAbsoluteMs };
  const parts = { store: opened.store, clock: systemClock, limits, issuer };
  const { ok, text, audit } = await runAdminCommand(parts, args);
  await opened.store.close();
  if (audit) {
    const { about, ...rest } = audit;
    const user = about && createPseudonyms(sessionSecrets).ofUser(about);
    // Not on standard output, where the answer is.
    const log = createLog({ level: logLevel, version, destination: process.stderr });
    log.warn("admin_command", { ...rest, user, outcome: ok ? "done" : "failed" });
  }
  return ok ? sayTo(process.stdout, text, 0) : sayTo(process.stderr, text, 1);
}

function sayTo(stream: NodeJS.WriteStream, text: string, exitCode: number): void {
  stream.write(`${text}\n`);
  process.exitCode = exitCode;
}

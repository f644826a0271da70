import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port";
import { answers, ordinaryUser } from "./postgres";

const PROGRAM = "/usr/sbin/pgbouncer";

export type PoolMode = "session" | "transaction";

/** PgBouncer before a PostgreSQL server, with its defaults but for the pool mode. */
export interface PgBouncer {
  /** The address of a database of that server’s, by way of the pooler. */
  urlOf(databaseUrl: string): string;
  stop(): Promise<void>;
}

export function hasPgBouncer(): boolean {
  return existsSync(PROGRAM);
}

export async function startPgBouncer(serverUrl: string, mode: PoolMode): Promise<PgBouncer> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-pgbouncer-"));
  const as = ordinaryUser();
  const port = await freePort();
  const server = new URL(serverUrl);
  const users = join(folder, "users.txt");
  writeFileSync(users, `"${server.username}" ""\n`);
  const settings = join(folder, "pgbouncer.ini");
  writeFileSync(
    settings,
    [
      "[databases]",
      `* = host=${server.hostname} port=${server.port}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = trust",
      `auth_file = ${users}`,
      `pool_mode = ${mode}`,
      "",
    ].join("\n"),
  );
  if (as) for (const path of [folder, users, settings]) chownSync(path, as.uid, as.gid);
  const asUser = as ? ["--reuid", `${as.uid}`, "--regid", `${as.gid}`, "--clear-groups"] : [];
  const pooler: ChildProcess = spawn(
    "/usr/bin/setpriv",
    ["--pdeathsig", "KILL", ...asUser, PROGRAM, "-q", settings],
    { cwd: folder, stdio: "ignore" },
  );
  const urlOf = (databaseUrl: string) => {
    const url = new URL(databaseUrl);
    url.port = String(port);
    return url.href;
  };
  for (let tries = 0; !(await answers(urlOf(serverUrl))); tries++) {
    if (tries === 200) throw new Error("PgBouncer didn’t start");
    await sleep(50);
  }
  return {
    urlOf,
    async stop() {
      const gone = new Promise((resolve) => pooler.once("exit", resolve));
      pooler.kill("SIGKILL");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

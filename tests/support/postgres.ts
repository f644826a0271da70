import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "./free-port";

/** A PostgreSQL server on a free port of loopback, gone when who started it is. */
export interface Postgres {
  port: number;
  /** Its own database, from which others are made. */
  url: string;
  /** Takes the server away as an operator’s fast shutdown does; its data stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and deletes its data. */
  dispose(): Promise<void>;
}

const DEBIAN_VERSIONS = "/usr/lib/postgresql";

/** The folder of PostgreSQL’s server programs, the newest version’s; null when there are none. */
export function findPostgres(): string | null {
  if (!existsSync(DEBIAN_VERSIONS)) return null;
  const versions = readdirSync(DEBIAN_VERSIONS).sort((a, b) => Number(b) - Number(a));
  const folders = versions.map((version) => join(DEBIAN_VERSIONS, version, "bin"));
  return folders.find((folder) => existsSync(join(folder, "initdb"))) ?? null;
}

export async function startPostgres(programs: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-postgres-"));
  const data = join(folder, "data");
  const as = ordinaryUser();
  if (as) chownSync(folder, as.uid, as.gid);
  execFileSync(
    join(programs, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    { ...as, cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | null = null;

  const killAtExit = () => {
    server?.kill("SIGQUIT");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", killAtExit);

  async function start(): Promise<void> {
    const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
    const options = ["-D", data, "-p", String(port), ...settings.flatMap((one) => ["-c", one])];
    // The kernel stops it even if this process is killed without a chance to.
    const asUser = as ? ["--reuid", `${as.uid}`, "--regid", `${as.gid}`, "--clear-groups"] : [];
    server = spawn(
      "/usr/bin/setpriv",
      ["--pdeathsig", "QUIT", ...asUser, join(programs, "postgres"), ...options],
      { cwd: folder, stdio: "ignore" },
    );
    for (let tries = 0; tries < 200; tries++) {
      if (await answers(url)) return;
      await sleep(50);
    }
    throw new Error("PostgreSQL didn’t start");
  }

  async function stop(): Promise<void> {
    const stopping = server;
    server = null;
    if (stopping === null) return;
    const gone = new Promise((resolve) => stopping.once("exit", resolve));
    stopping.kill("SIGINT");
    await gone;
  }

  await start();
  return {
    port,
    url,
    start,
    stop,
    async dispose() {
      await stop();
      process.off("exit", killAtExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes an empty database on a server; the answer is its address. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await runOn(serverUrl, `create database ${name}`);
  await runOn(url.href, MOVABLE_CLOCK);
  await runOn(
    url.href,
    `alter database ${name} set search_path = public, test_clock, pg_catalog, pg_temp`,
  );
  return url.href;
}

/**
 * A clock of the database’s that tests can move: whoever asks for `clock_timestamp()` by its plain name
 * is answered by this one, which is found before PostgreSQL’s own.
 */
const MOVABLE_CLOCK = `
  create schema test_clock;
  create table test_clock.settings (fixed timestamptz, ahead interval not null);
  insert into test_clock.settings values (null, '0');
  create function test_clock.clock_timestamp() returns timestamptz language sql volatile as
    'select coalesce(fixed, pg_catalog.clock_timestamp()) + ahead from test_clock.settings';
  grant usage on schema test_clock to public;
  grant select on test_clock.settings to public;
`;

/** Stops the clock of a database at a moment, in ms. */
export async function stopClockAt(url: string, now: number): Promise<void> {
  const fixed = `to_timestamp(${now} / 1000.0)`;
  await runOn(url, `update test_clock.settings set fixed = ${fixed}, ahead = '0'`);
}

/** Puts the clock of a database ahead of the machine’s, in ms; less than 0: behind. */
export async function putClockAhead(url: string, aheadMs: number): Promise<void> {
  const ahead = `${aheadMs} * interval '1 millisecond'`;
  await runOn(url, `update test_clock.settings set fixed = null, ahead = ${ahead}`);
}

/** Takes away all that is in a database: much faster than another database. */
export async function emptyDatabase(url: string): Promise<void> {
  await runOn(url, "drop schema public cascade; create schema public");
}

/** Runs SQL with a connection of its own. */
export async function runOn(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

export interface TableLock {
  /** How many updates wait for it. */
  waiting(): Promise<number>;
  /** Ends the waiting updates with their connections, as the end of their machine would, then itself. */
  releaseWithoutThem(): Promise<void>;
}

/** Locks a table against whoever wants to write to it. */
export async function lockTable(url: string, table: string): Promise<TableLock> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`begin; lock table ${table} in share mode`);
  const those =
    "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update%'";
  return {
    waiting: async () => (await runOn(url, `select pid ${those}`)).length,
    async releaseWithoutThem() {
      await runOn(url, `select pg_terminate_backend(pid, 1000) ${those}`);
      await client.end();
    },
  };
}

/** PostgreSQL refuses to run as root: the account that Debian’s package made is used instead. */
export function ordinaryUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Whether a database can be asked at an address. */
export async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

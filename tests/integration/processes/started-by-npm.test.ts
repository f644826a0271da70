import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** With a NODE_ENV that would be wrong: whoever starts the server needn’t know of it. */
const ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env.PATH ?? "",
  HOME: tmpdir(),
  APP_ORIGIN: "http://localhost:3000",
  PORT: "0",
  SESSION_SECRET: "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa",
  GOOGLE_CLIENT_ID: "client.apps.googleusercontent.com",
  GOOGLE_CLIENT_SECRET: "GOCSPX-client-secret",
  NODE_ENV: "development",
  npm_config_update_notifier: "false",
};

let folder = "";
let env: NodeJS.ProcessEnv;
const started: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-npm-"));
  env = { ...ENVIRONMENT, DATABASE_URL: `file:${join(folder, "latchkey.db")}` };
});
afterAll(() => {
  // A session each, so that nobody who was left alone outlives this file.
  for (const { pid } of started) if (pid !== undefined) endSession(pid);
  rmSync(folder, { recursive: true });
});

/** Kills all that is left of a session. */
function endSession(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // Nothing is.
  }
}

interface Started {
  process: ChildProcess;
  /** Where the server says that it listens. */
  port: number;
  /** What was said so far. */
  said(): string;
  /** The exit code and the signal, when all that has its output is gone. */
  over: Promise<[number | null, NodeJS.Signals | null]>;
}

const start = (command: string, ...args: string[]) => startWith({}, command, ...args);

/** Starts a command as the leader of a session, as a supervisor would, and waits for the server. */
async function startWith(
  more: Readonly<Record<string, string>>,
  command: string,
  ...args: string[]
): Promise<Started> {
  const child = spawn(command, args, {
    env: { ...env, ...more },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let said = "";
  const over = once(child, "close") as Started["over"];
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const port = /^\{.*"port":(\d+).*"sys_startup"\}$/m.exec(said)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    }
    void over.then((end) => reject(new Error(`It ended with ${end}:\n${said}`)));
  });
  return { process: child, port, said: () => said, over };
}

const health = (port: number) =>
  fetch(`http://localhost:${port}/healthz`).then(
    ({ status }) => status,
    () => "refused",
  );

const stoppedInOrder = async ({ said, over, port }: Started) => {
  expect(await over).toEqual([0, null]);
  expect(said()).toContain('"event":"sys_shutdown"');
  expect(said()).not.toContain("sys_shutdown_forced");
  expect(await health(port)).toBe("refused");
};

/** The command that makes the next one the first process of a world of its own, where the system lets us. */
const AS_FIRST_PROCESS = ["unshare", "--pid", "--fork", "--kill-child"];
const MAY_BE_FIRST = spawnSync("unshare", [...AS_FIRST_PROCESS.slice(1), "true"]).status === 0;

function childOf(parent: number | undefined): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim();
  return Number(children.split(" ")[0]);
}

/** Starts a command as process 1, and answers with it and with the id that it has out here. */
async function startAsFirst(...command: string[]): Promise<{ server: Started; pid: number }> {
  const [program = "", ...args] = MAY_BE_FIRST ? [...AS_FIRST_PROCESS, ...command] : command;
  const server = await start(program, ...args);
  const { pid } = server.process;
  return { server, pid: MAY_BE_FIRST ? childOf(pid) : Number(pid) };
}

/** For NODE_OPTIONS: a process that tells at its end which of React’s builds it had loaded. */
const SAYS_WHICH_REACT = `--import data:text/javascript,${encodeURIComponent(
  `import { Module } from "node:module";
  process.on("exit", () => console.log(Object.keys(Module._cache).filter((path) => path.includes("/react/cjs/")).join()))`,
)}`;

describe("npm start", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "FC-1 stops in order and with 0 when npm is sent %s",
    async (signal) => {
      const server = await start("npm", "start");
      expect(await health(server.port)).toBe(200);
      server.process.kill(signal);
      await stoppedInOrder(server);
    },
  );

  it.each(["SIGTERM", "SIGINT"] as const)(
    "FC-1 stops in order when %s goes to the server as well as to npm, which hands it on, as by systemd or at a terminal",
    async (signal) => {
      const server = await start("npm", "start");
      process.kill(-Number(server.process.pid), signal);
      await stoppedInOrder(server);
    },
  );

  it("FC-1 stops in order as a container’s first process, which is npm", async () => {
    const { server, pid } = await startAsFirst("npm", "start");
    process.kill(pid, "SIGTERM");
    await stoppedInOrder(server);
  });

  it("FC-1 runs React as production has it, whatever NODE_ENV says", async () => {
    const server = await startWith({ NODE_OPTIONS: SAYS_WHICH_REACT }, "npm", "start");
    server.process.kill("SIGTERM");
    await stoppedInOrder(server);
    expect(server.said()).toContain("react.production.min.js");
    expect(server.said()).not.toContain("react.development.js");
  });
});

describe("the built server", () => {
  it("FC-1 stops in order as a container’s first process", async () => {
    const { server, pid } = await startAsFirst(process.execPath, "build/server/index.js");
    process.kill(pid, "SIGTERM");
    await stoppedInOrder(server);
  });

  it.each([
    ["its folder’s name", () => "build/server"],
    ["its full path", () => realpathSync("build/server/index.js")],
    ["a linked folder", () => link("project", ".", "build/server/index.js")],
    ["a linked build", () => link("build", "build", "server")],
    ["a link to the file itself", () => link("start.js", "build/server/index.js")],
  ])("FC-2 starts by %s", async (_, path) => {
    const server = await start(process.execPath, path());
    expect(await health(server.port)).toBe(200);
    server.process.kill("SIGINT");
    await stoppedInOrder(server);
  });
});

/** A symbolic link to a file or folder of the project, and the path of something below it. */
function link(name: string, target: string, ...below: string[]): string {
  symlinkSync(realpathSync(target), join(folder, name));
  return join(folder, name, ...below);
}

describe("npm run admin", () => {
  const admin = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const command = ["run", "--silent", "admin", "--", ...args];
      execFile("npm", command, { env }, (error, out, err) => {
        resolve({ code: error ? Number(error.code) : 0, out, err });
      });
    });

  it("FC-1 hands on the exit code, and each argument as it is", async () => {
    const nothing = await admin("end-all");
    expect(nothing).toMatchObject({ code: 1, out: "" });
    expect(nothing.err).toContain("No session that this database knows was live.");
    const name = 'somebody\'s $HOME & "friends"';
    const nobody = await admin("list-sessions", name);
    expect(nobody).toMatchObject({ code: 1, out: "" });
    expect(nobody.err).toContain(`Nobody has signed in as ${name}.`);
  });
});

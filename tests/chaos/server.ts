import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sendToPort } from "../support/send-to-port";

/** `node build/server/index.js` on a port of its own, which it keeps when it is started again. */
export interface ChaosServer {
  readonly pid: number | null;
  fetch(request: Request): Promise<Response>;
  /** Resolves when it takes requests. */
  start(): Promise<void>;
  /** As `kill -9` does. Resolves when it is gone. */
  kill(): Promise<void>;
  /** As an operator does. Resolves to its exit code. */
  stop(): Promise<number | null>;
  /** What it has said at level `error` or worse, and beside its log. */
  complaints(): string[];
  /** Only where it was started with `resources`: what it holds, after a garbage collection. */
  resources(): Promise<Resources>;
}

export interface Resources {
  heapMb: number;
  residentMb: number;
  timers: number;
  handles: number;
}

const REPORTER = new URL("./report-resources.mjs", import.meta.url).href;
const PROGRAM = fileURLToPath(new URL("../../build/server/index.js", import.meta.url));

export function chaosServer(
  port: number,
  settings: Readonly<Record<string, string>>,
  { resources = false } = {},
): ChaosServer {
  let child: ChildProcess | null = null;
  const complaints: string[] = [];
  const fetch = (request: Request) => sendToPort(port, request);

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child;
    if (ending === null) return null;
    if (ending.exitCode !== null || ending.signalCode !== null) return ending.exitCode;
    const gone = once(ending, "exit");
    ending.kill(signal);
    await gone;
    return ending.exitCode;
  }

  return {
    get pid() {
      return child?.pid ?? null;
    },
    fetch,
    async start() {
      const reporting = resources ? ["--expose-gc", "--import", REPORTER] : [];
      // The kernel ends it with us, however we end.
      const started = spawn(
        "/usr/bin/setpriv",
        ["--pdeathsig", "KILL", process.execPath, ...reporting, PROGRAM],
        {
          env: { PATH: process.env.PATH, NODE_ENV: "production", ...settings, PORT: String(port) },
          stdio: ["ignore", "pipe", "pipe", ...(resources ? (["ipc"] as const) : [])],
        },
      );
      child = started;
      let rest = "";
      started.stdout?.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        complaints.push(...lines.filter((line) => /"level":"(error|fatal)"/.test(line)));
      });
      started.stderr?.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
      for (let tries = 0; tries < 1200; tries++) {
        if (started.exitCode !== null)
          throw new Error(`It didn’t start:\n${complaints.join("\n")}`);
        // Killed again before it was there: nothing to wait for.
        if (started.signalCode !== null) return;
        const alive = await fetch(new Request("https://any.invalid/healthz")).catch(() => null);
        await alive?.text();
        if (alive?.ok) return;
        await sleep(50);
      }
      throw new Error("A server didn’t come up within a minute.");
    },
    async kill() {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
    complaints: () => complaints,
    async resources() {
      if (child === null) throw new Error("The server isn’t running.");
      child.send("report");
      const [report] = (await once(child, "message")) as [Resources];
      return report;
    },
  };
}

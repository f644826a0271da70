import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sendToPort } from "./send-to-port";

interface LogLine {
  level: string;
  event: string;
  port?: number;
  [field: string]: unknown;
}

/** The production server in a process of its own. */
export interface ServerProcess {
  /** Where it listens, on 127.0.0.1. */
  port: number;
  /** Sends a request there, whatever host its address names. Redirects are answers, not followed. */
  fetch(request: Request): Promise<Response>;
  /** The log, line by line. */
  log(): LogLine[];
  /** Puts its clock so far ahead of the system’s. */
  putAhead(ms: number): Promise<void>;
  /** The processor time that it has used so far, in ms, as the system counts it for all its threads. */
  processorMs(): Promise<number>;
  /** Takes it away as `kill -9` does, without a chance to tidy up. */
  kill(): Promise<void>;
  /** Asks it to stop; the answer is its exit code. */
  stop(): Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** Its exit code, once it has one. */
  exited: Promise<number | null>;
  /** Throws something that nobody catches, or rejects a promise that nobody looks after. */
  crash(how: "throw" | "reject", message: string): void;
  /** What it said besides its log. */
  complaints(): string;
}

const PROGRAM = fileURLToPath(new URL("./server-program.mjs", import.meta.url));

/** Starts it; resolves when it listens, rejects with what it said when it doesn’t come up. */
export async function startServerProcess(
  settings: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = fork(PROGRAM, {
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...settings },
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const exited = once(child, "exit");
  let [log, complaints] = ["", ""];
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const port = linesOf(log).find(({ event }) => event === "sys_startup")?.port;
      if (port !== undefined) resolve(port);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    void exited.then(() => reject(new Error(`The server didn’t start:\n${log}${complaints}`)));
  });

  const gone = () => child.exitCode !== null || child.signalCode !== null;
  async function end(signal: NodeJS.Signals): Promise<number | null> {
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
  return {
    port,
    fetch: (request) => sendToPort(port, request),
    log: () => linesOf(log),
    async putAhead(ms) {
      if (!gone()) await tell(child, { aheadMs: ms }, exited);
    },
    async processorMs() {
      const heard = await tell(child, {}, exited);
      if (heard === null) throw new Error("The server has ended.");
      return heard.processorMs;
    },
    async kill() {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
    signal: (name) => void child.kill(name),
    exited: exited.then(() => child.exitCode),
    crash: (how, message) => void child.send({ crash: how, message }, () => {}),
    complaints: () => complaints,
  };
}

function linesOf(log: string): LogLine[] {
  const whole = log.slice(0, log.lastIndexOf("\n") + 1).split("\n");
  return whole.flatMap((line) => (line ? [JSON.parse(line)] : []));
}

interface Heard {
  number: number;
  processorMs: number;
}
let sent = 0;

/** Sends a message; resolves to the answer when it has been acted upon, or to null when it never will be. */
async function tell(
  child: ChildProcess,
  message: object,
  exited: Promise<unknown>,
): Promise<Heard | null> {
  const number = ++sent;
  child.send({ ...message, number }, () => {});
  return new Promise((resolve) => {
    const hear = (heard: Heard) => heard.number === number && end(heard);
    const end = (heard: Heard | null) => {
      child.off("message", hear);
      resolve(heard);
    };
    child.on("message", hear);
    void exited.then(() => end(null));
  });
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { sendToPort } from "./send-to-port";

/** The server as an operator starts it, by the entry that sets what has to be set for the whole process. */
export interface BuiltServer {
  /** Where it listens, on 127.0.0.1. */
  port: number;
  /** Sends a request there, whatever host its address names. Redirects are answers, not followed. */
  fetch(request: Request): Promise<Response>;
  /** The memory that it holds, in MB, by its own metrics. */
  residentMb(): Promise<number>;
  /** Processor time that it has used, in ms. */
  processorMs(): Promise<number>;
  kill(): Promise<void>;
}

const METRICS_TOKEN = "a-token-of-32-characters-0123456789";

/** Runs `node build/server/index.js` of a build; resolves when it listens, rejects when it ends before. */
export async function startBuiltServer(
  settings: Readonly<Record<string, string>>,
  build = "build",
): Promise<BuiltServer> {
  const child = spawn(process.execPath, [join(build, "server", "index.js")], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", METRICS_TOKEN, ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (lines: string) => {
      const port = /"port":(\d+).*"sys_startup"/.exec(lines)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    void exited.then(() => reject(new Error("The server didn’t start")));
  });
  const fetch = (request: Request) => sendToPort(port, request);
  async function metric(name: string): Promise<number> {
    const headers = { Authorization: `Bearer ${METRICS_TOKEN}` };
    const answer = await fetch(new Request("https://app.example.com/metrics", { headers }));
    return Number(new RegExp(`^${name} (.+)$`, "m").exec(await answer.text())?.[1]);
  }
  return {
    port,
    fetch,
    residentMb: async () => (await metric("process_resident_memory_bytes")) / 1_048_576,
    processorMs: async () => (await metric("process_cpu_seconds_total")) * 1000,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

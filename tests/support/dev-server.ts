import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { cloneApp } from "./clone-app";
import { freePort } from "./free-port";

/** `npm run dev` in a fresh clone. */
export interface DevServer {
  /** Where the clone is. */
  folder: string;
  port: number;
  /** What it has printed so far. */
  printed(): string;
  /** Sends a request there, at the host that its address names. Redirects are answers, not followed. */
  fetch(request: Request): Promise<Response>;
  /** Sends a path byte for byte as it is, which no URL parser has tidied up. */
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; body: string }>;
  stop(): Promise<void>;
}

const STARTS_WITHIN_MS = 60_000;

/**
 * Starts it with nothing set up but free ports; resolves when it says that the local Google is in use.
 *
 * @param change what is different in this clone, done before the start.
 */
export async function startDevServer(
  env: Readonly<Record<string, string>> = {},
  change: (folder: string) => void = () => {},
): Promise<DevServer> {
  const folder = cloneApp();
  change(folder);
  const port = await freePort();
  const child = spawn("npm", ["run", "dev"], {
    cwd: folder,
    env: {
      NODE_ENV: "development",
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      LOCAL_GOOGLE_PORT: "0",
      ...env,
    },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const stop = async () => {
    // npm, the dev server and esbuild are one group of processes.
    if (child.pid && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };

  let printed = "";
  const started = new Promise<boolean>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        if (printed.includes("LOCAL GOOGLE is in use")) resolve(true);
      });
    }
    void exited.then(() => resolve(false));
    setTimeout(() => resolve(false), STARTS_WITHIN_MS).unref();
  });
  if (!(await started)) {
    await stop();
    throw new Error(`The dev server didn’t start:\n${printed}`);
  }
  return {
    folder,
    port,
    printed: () => printed,
    async fetch(request) {
      const { host, pathname, search } = new URL(request.url);
      const body = Buffer.from(await request.arrayBuffer());
      const headers = { ...Object.fromEntries(request.headers), host };
      const answer = await send(port, request.method, pathname + search, headers, body);
      const noBody = [204, 205, 304].includes(answer.status);
      return new Response(noBody ? null : answer.body, {
        status: answer.status,
        headers: headersOf(answer.headers),
      });
    },
    get: (path, headers = {}) =>
      send(port, "GET", path, { host: `localhost:${port}`, ...headers }, Buffer.alloc(0)),
    stop,
  };
}

interface Sent {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function send(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const length = { "content-length": String(body.byteLength) };
    const sent = httpRequest(
      { port, host: "localhost", method, path, headers: { ...headers, ...length }, agent: false },
      async (answer) => {
        try {
          let text = "";
          for await (const chunk of answer.setEncoding("utf8")) text += chunk;
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
        } catch (error) {
          reject(error);
        }
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}

function headersOf(from: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(from)) {
    for (const one of [value].flat()) headers.append(name, one);
  }
  return headers;
}

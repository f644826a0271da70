import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { BRAND } from "../../app/brand/brand";
import { freePort } from "../support/free-port";
import { startServerProcess } from "../support/server-process";

const GOOD = {
  APP_ORIGIN: "http://localhost:3000",
  SESSION_SECRET: "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa",
  GOOGLE_CLIENT_ID: "client.apps.googleusercontent.com",
  GOOGLE_CLIENT_SECRET: "GOCSPX-client-secret",
  LOG_LEVEL: "info",
};

/** Runs the production server as `npm start` does, until it stops by itself or says it has started. */
async function run(env: Record<string, string>, { stopWith }: { stopWith?: NodeJS.Signals } = {}) {
  const server = spawn(process.execPath, ["build/server/index.js"], {
    env: { PATH: process.env.PATH ?? "", NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const started = new Promise<void>((resolve) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (output.includes("sys_startup")) resolve();
      });
    }
  });
  const exit = once(server, "exit");
  if (stopWith) {
    await Promise.race([started, exit]);
    const health = await fetch(`http://localhost:${env.PORT}/healthz`).then((answer) =>
      answer.json(),
    );
    server.kill(stopWith);
    const [code] = await exit;
    return { code, output, health };
  }
  const [code] = await exit;
  return { code, output, health: null };
}

describe("the production server", () => {
  it("SC-06 refuses to start with exit code 1 and one message that names every problem, and no secret", async () => {
    const { code, output } = await run({
      APP_ORIGIN: "http://app.example.com/path",
      SESSION_SECRET: "short-and-secret",
      PORT: "many",
      SESSION_IDLE_DAYS: "-1",
    });
    expect(code).toBe(1);
    for (const name of [
      "APP_ORIGIN",
      "SESSION_SECRET",
      "PORT",
      "SESSION_IDLE_DAYS",
      "GOOGLE_CLIENT_ID",
      "GOOGLE_CLIENT_SECRET",
    ]) {
      expect(output).toContain(name);
    }
    expect(output).not.toContain("short-and-secret");
  });

  it.each([
    ["missing", {}],
    ["a placeholder", { SESSION_SECRET: "change-me-change-me-change-me-change-me" }],
    ["one repeated character", { SESSION_SECRET: "a".repeat(48) }],
  ])("SC-06 never invents a session secret: refuses one that is %s", async (_, env) => {
    const { SESSION_SECRET: _secret, ...rest } = GOOD;
    const { code, output } = await run({ ...rest, ...env });
    expect(code).toBe(1);
    expect(output).toContain("SESSION_SECRET");
  });

  it("never starts a local Google: without a client id it refuses", async () => {
    const { GOOGLE_CLIENT_ID: _id, ...rest } = GOOD;
    const { code, output } = await run(rest);
    expect(code).toBe(1);
    expect(output).toContain("GOOGLE_CLIENT_ID");
  });

  it("FC-11 says in one sentence, and no other line, why its database can’t be used", async () => {
    const DATABASE_URL = `postgres://ada:hunter2@127.0.0.1:${await freePort()}/x?sslmode=require`;
    const { code, output } = await run({ ...GOOD, DATABASE_URL });
    expect(code).toBe(1);
    expect(output).toBe(
      `${BRAND.name} can’t start: the database of DATABASE_URL can’t be used (econnrefused): nobody listens at its host and port.\n`,
    );
  });

  it("LG-07 goes on serving when nobody reads its log any more", async () => {
    const port = String(await freePort());
    const server = spawn(process.execPath, ["build/server/index.js"], {
      env: { PATH: process.env.PATH ?? "", NODE_ENV: "production", ...GOOD, PORT: port },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exit = once(server, "exit");
    await once(server.stdout, "data");
    server.stdout.destroy();
    const complaint = once(server.stderr.setEncoding("utf8"), "data");
    const statuses: number[] = [];
    for (const path of ["/healthz", "/login", "/healthz", "/login", "/healthz"]) {
      statuses.push((await fetch(`http://localhost:${port}${path}`)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    expect(String(await complaint)).toContain("EPIPE");
    server.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  });

  it("LG-01 starts with good settings, answers, and stops in order when asked", async () => {
    const port = String(await freePort());
    const { code, health, output } = await run({ ...GOOD, PORT: port }, { stopWith: "SIGINT" });
    expect(health).toEqual({ status: "ok" });
    expect(code).toBe(0);
    expect(output).toContain("sys_shutdown");
    expect(output).not.toContain(GOOD.SESSION_SECRET);
  });

  it("says in one line that its port is taken, and exits with 1", async () => {
    const taken = createServer().listen(0);
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const { code, output } = await run({ ...GOOD, PORT: port });
    taken.close();
    expect(code).toBe(1);
    expect(output).toBe(
      `${BRAND.name} can’t start: it can’t listen on HOST and PORT (EADDRINUSE).\n`,
    );
  });

  it.skipIf(!existsSync("/dev/full"))(
    "LG-07 answers and stops in order although nothing can be logged",
    async () => {
      const port = await freePort();
      const full = openSync("/dev/full", "w");
      const server = spawn(process.execPath, ["build/server/index.js"], {
        env: { PATH: process.env.PATH ?? "", NODE_ENV: "production", ...GOOD, PORT: String(port) },
        stdio: ["ignore", full, "pipe"],
      });
      closeSync(full);
      const exit = once(server, "exit");
      const health = () => fetch(`http://localhost:${port}/healthz`).then(({ status }) => status);
      await expect.poll(() => health().catch(() => null)).toBe(200);
      expect(await health()).toBe(200);
      server.kill("SIGINT");
      expect(await exit).toEqual([0, null]);
    },
  );
});

describe("the production server with another issuer", () => {
  it("FC-9 is ready at once, and raises an alarm when the issuer’s metadata is for another", async () => {
    const asked: (string | undefined)[] = [];
    const issuer = createHttpServer((request, response) => {
      asked.push(request.url);
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ issuer: "https://id.example.com" }));
    }).listen(0, "127.0.0.1");
    await once(issuer, "listening");
    const { port } = issuer.address() as AddressInfo;
    const server = await startServerProcess({
      ...GOOD,
      PORT: "0",
      HOST: "127.0.0.1",
      DATABASE_URL: "file::memory:",
      GOOGLE_ISSUER: `http://127.0.0.1:${port}`,
    });
    expect((await server.fetch(new Request("http://localhost:3000/readyz"))).status).toBe(200);
    await expect.poll(() => server.log().map(({ event }) => event)).toContain("issuer_unusable");
    expect(server.log().find(({ event }) => event === "issuer_unusable")).toMatchObject({
      level: "error",
      cause: "discovery_invalid_metadata",
      alarm: true,
    });
    expect(asked).toEqual(["/.well-known/openid-configuration"]);
    server.signal("SIGINT");
    expect(await server.exited).toBe(0);
    issuer.close();
  });
});

describe("the production server on a Node without a future", () => {
  /** The built server, told that it runs on this release, on this day. */
  async function linesOn(version: string, day: string): Promise<string[]> {
    const pretend = `Object.defineProperty(process.versions, "node", { value: "${version}" });
      Object.defineProperty(process, "version", { value: "v${version}" });
      const { now } = Date; const started = now();
      Date.now = () => now() - started + Date.parse("${day}");`;
    const { output } = await run(
      {
        ...GOOD,
        PORT: String(await freePort()),
        DATABASE_URL: "file::memory:",
        NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(pretend)}`,
      },
      { stopWith: "SIGINT" },
    );
    return output.split("\n").filter((line) => line.includes("node_end_of_life"));
  }

  it("FC-15 warns once at start", async () => {
    const lines = await linesOn("20.20.2", "2026-11-27");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "warn", event: "node_end_of_life", node: "v20.20.2" }),
    ]);
  });

  it("FC-15 says nothing on one that is mended", async () => {
    expect(await linesOn("24.12.0", "2026-11-27")).toEqual([]);
  });
});

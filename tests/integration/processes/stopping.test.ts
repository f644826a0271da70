import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Deployment, startDeployment } from "../../support/deployment";
import type { ServerProcess } from "../../support/server-process";
import { temporaryDatabase } from "../../support/temporary-database";
import { locationOf, type Visitor } from "../../support/visitor";

const UNTIL_DUE = 3_100_000;
const UNTIL_EXPIRED = 3_600_000;
const DRAIN_MS = 2000;
const DEADLINE_MS = 25_000;

const database = temporaryDatabase();
let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment(database.url);
}, 30_000);
afterAll(async () => {
  await deployment.stop();
  database.remove();
});
beforeEach(() => deployment.google.control.reset());

/** A process, and somebody who signed in there so many ms ago. */
async function serverWith(ageMs: number): Promise<{ server: ServerProcess; visitor: Visitor }> {
  const server = await deployment.start();
  const visitor = deployment.visitor(server);
  expect(locationOf(await visitor.signIn())).toBe("/dashboard");
  await deployment.pass(ageMs);
  deployment.google.calls.clear();
  return { server, visitor };
}

const events = (server: ServerProcess) => server.log().map(({ event }) => event);

async function terminate(server: ServerProcess): Promise<void> {
  server.signal("SIGTERM");
  await expect.poll(() => events(server)).toContain("sys_shutdown");
}

/** A connection that says this and no more. */
async function connected(server: ServerProcess, bytes: string): Promise<Socket> {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(bytes);
  return socket.resume();
}

/** A request whose body never comes: it runs until somebody ends it. */
async function hangingRequest(server: ServerProcess): Promise<void> {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  const head = [
    "POST /auth/google HTTP/1.1",
    "Host: app.example.com",
    "Sec-Fetch-Site: same-origin",
  ];
  const body = ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 100"];
  socket.write(`${[...head, ...body].join("\r\n")}\r\n\r\nreturnTo=`);
  await expect.poll(() => socket.bytesWritten).toBeGreaterThan(100);
  // Requests are taken in the order in which they come: this one is there when a later one is answered.
  await deployment.visitor(server).get("/healthz");
}

describe("A process that is asked to stop", () => {
  it("says so at /readyz first, finishes what runs, takes nothing new, and exits with 0", async () => {
    const { server, visitor } = await serverWith(UNTIL_EXPIRED);
    deployment.google.faults.set("token", { kind: "hold" });
    const slow = visitor.get("/dashboard");
    await expect.poll(() => deployment.google.faults.held).toBe(1);
    await terminate(server);

    const newcomer = deployment.visitor(server);
    const readiness = await newcomer.get("/readyz");
    expect([readiness.status, await readiness.json()]).toEqual([503, { status: "stopping" }]);
    // Whoever hasn’t noticed yet is still served, and led elsewhere by the next connection.
    const page = await newcomer.get("/login");
    expect([page.status, page.headers.get("Connection")]).toEqual([200, "close"]);
    expect((await newcomer.get("/healthz")).status).toBe(200);

    await deployment.pass(DRAIN_MS);
    await expect.poll(() => newcomer.get("/healthz").catch(() => "refused")).toBe("refused");
    deployment.google.faults.clear();
    const answer = await slow;
    expect([answer.status, answer.headers.get("Connection")]).toEqual([200, "close"]);
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(await server.exited).toBe(0);
    const troubles = server.log().filter(({ level }) => level !== "info");
    expect(troubles.filter(({ event }) => event !== "node_end_of_life")).toEqual([]);

    const elsewhere = deployment.visitor(await deployment.start(), visitor.jar);
    expect(await elsewhere.session()).toMatchObject({ status: "authenticated" });
    expect(deployment.google.calls.count("token")).toBe(1);
  });

  it("keeps the tokens of a refresh that nobody waits for any more", async () => {
    const { server, visitor } = await serverWith(UNTIL_DUE);
    deployment.google.control.rotateRefreshTokens(true);
    deployment.google.faults.set("token", { kind: "hold" });
    const page = visitor.get("/dashboard");
    await expect.poll(() => deployment.google.faults.held).toBe(1);
    await deployment.pass(2000);
    expect((await page).status).toBe(200);
    await terminate(server);
    await deployment.pass(DRAIN_MS);
    const newcomer = deployment.visitor(server);
    await expect.poll(() => newcomer.get("/healthz").catch(() => "refused")).toBe("refused");
    deployment.google.faults.clear();
    expect(await server.exited).toBe(0);

    await deployment.pass(UNTIL_EXPIRED - UNTIL_DUE);
    const elsewhere = deployment.visitor(await deployment.start(), visitor.jar);
    expect(await elsewhere.session()).toMatchObject({ status: "authenticated" });
    expect(deployment.google.calls.count("token")).toBe(1);
  });

  it.each([
    ["once more, which works", true],
    ["once more, and leaves it to the next process", false],
  ])("SO-07 FE-16 tries a revocation that had to wait %s", async (_, works) => {
    const { server, visitor } = await serverWith(1000);
    deployment.google.faults.set("revoke", { kind: "status", status: 503 });
    await visitor.post("/account", { intent: "disconnect-google" });
    expect(deployment.google.calls.count("revoke")).toBe(1);
    if (works) deployment.google.faults.clear();
    await terminate(server);
    await deployment.pass(DRAIN_MS);
    expect(await server.exited).toBe(0);
    expect(deployment.google.calls.count("revoke")).toBe(2);
    expect(events(server)).toContain(works ? "authn_token_revoked" : "token_revoke_failed");
    const next = deployment.visitor(await deployment.start());
    const waiting = await (await next.get("/readyz")).json();
    expect(waiting).toMatchObject({ waiting: { revocations: works ? 0 : 1 } });
    deployment.google.faults.clear();
    await deployment.pass(30_000);
    const revoked = () => deployment.google.calls.list("revoke").at(-1)?.status;
    await expect.poll(revoked).toBe(200);
    expect(deployment.google.calls.count("revoke")).toBe(works ? 2 : 3);
  });

  it("cuts off what hangs after 25 seconds, says so, and exits with 1", async () => {
    const server = await deployment.start();
    await hangingRequest(server);
    await terminate(server);
    await deployment.pass(DRAIN_MS);
    // Real time goes on as well.
    await deployment.pass(2000);
    expect(events(server)).not.toContain("sys_shutdown_forced");
    await deployment.pass(DEADLINE_MS - DRAIN_MS - 2000);
    expect(await server.exited).toBe(1);
    const forced = { event: "sys_shutdown_forced", cause: "deadline", requests: 1 };
    expect(server.log().at(-1)).toMatchObject(forced);
  });

  it("FB-4 waits for no connection that asks for nothing, whether it ever did or not", async () => {
    const server = await deployment.start();
    const health = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
    const idle = [
      await connected(server, ""),
      await connected(server, `${health}\r\n`),
      await connected(server, health),
      await connected(server, `${health}\r\n${health}`),
    ];
    await expect.poll(() => idle[3]?.bytesRead).toBeGreaterThan(0);
    await terminate(server);
    await deployment.pass(DRAIN_MS);
    expect(await server.exited).toBe(0);
    expect(events(server)).not.toContain("sys_shutdown_forced");
  });

  it("FE-23 MP-04 waits behind no dead holder’s lease", async () => {
    const { server: victim, visitor } = await serverWith(UNTIL_EXPIRED);
    const server = await deployment.start();
    deployment.google.faults.set("token", { kind: "hold" });
    const lost = expect(visitor.get("/dashboard")).rejects.toThrow();
    await expect.poll(() => deployment.google.faults.held).toBe(1);
    await victim.kill();
    await lost;
    const waiting = deployment.visitor(server, visitor.jar);
    const pages = [waiting.get("/dashboard"), waiting.get("/api/session")];
    // Requests are taken in the order in which they come.
    await deployment.visitor(server).get("/healthz");
    await terminate(server);
    await deployment.pass(DRAIN_MS);
    const answers = await Promise.all(pages);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await server.exited).toBe(0);
    expect(events(server)).not.toContain("sys_shutdown_forced");
    expect(deployment.google.calls.count("token")).toBe(1);
  });

  it.each([
    ["by the same signal, a second later", "SIGTERM", 1000],
    ["by another", "SIGINT", 0],
  ] as const)("exits at once when it is asked a second time, %s", async (_, signal, laterMs) => {
    const server = await deployment.start();
    await hangingRequest(server);
    await terminate(server);
    await deployment.pass(laterMs);
    server.signal(signal);
    expect(await server.exited).toBe(1);
    const forced = { event: "sys_shutdown_forced", cause: "second_signal", requests: 1 };
    expect(server.log().at(-1)).toMatchObject(forced);
  });

  it("waits for nobody at a terminal", async () => {
    const server = await deployment.start();
    server.signal("SIGINT");
    expect(await server.exited).toBe(0);
  });
});

describe("A process that breaks", () => {
  it.each(["throw", "reject"] as const)(
    "says where, not with what, as its last line, and exits with 1 (%s)",
    async (how) => {
      const server = await deployment.start();
      await deployment.visitor(server).get("/healthz");
      server.crash(how, "canary: a token\n    at canary (file:///canary.js:1:1)");
      expect(await server.exited).toBe(1);
      expect(server.log().at(-1)).toMatchObject({
        level: "error",
        event: "sys_crash",
        origin: how === "throw" ? "uncaughtException" : "unhandledRejection",
        cause: "RangeError",
        stack: expect.stringMatching(/^at .*server-program\.mjs:\d+:\d+\)?(\nat .*)*$/),
        alarm: true,
      });
      expect(events(server)).toContain("http_request");
      expect(JSON.stringify(server.log()) + server.complaints()).not.toContain("canary");
    },
  );
});

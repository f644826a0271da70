import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Deployment, startDeployment } from "../../support/deployment";
import { sendText } from "../../support/raw-http";
import { type SampleBackend, startSampleBackend } from "../../support/sample-backend";
import type { ServerProcess } from "../../support/server-process";
import { temporaryDatabase } from "../../support/temporary-database";
import { locationOf, type Visitor } from "../../support/visitor";

const database = temporaryDatabase();
let deployment: Deployment;
let backend: SampleBackend;
let server: ServerProcess;
let other: ServerProcess;
beforeAll(async () => {
  deployment = await startDeployment(database.url);
  backend = await startSampleBackend(deployment.google);
  server = await deployment.start({ BACKEND_ORIGIN: backend.origin });
  other = await deployment.start({ BACKEND_ORIGIN: backend.origin });
}, 30_000);
afterAll(async () => {
  await deployment.stop();
  await backend.stop();
  database.remove();
});
beforeEach(() => {
  backend.calls.length = 0;
});

const EVENTS = { "Content-Type": "text/event-stream" };
const PIECE = "x".repeat(65_536);

/** A backend that says nothing, for ever. */
async function* silence(): AsyncGenerator<string> {
  await new Promise(() => {});
  yield "";
}

/** One that always has more to say. */
async function* flood(): AsyncGenerator<string> {
  for (;;) yield PIECE;
}

async function signedIn(): Promise<Visitor> {
  const visitor = deployment.visitor(server);
  expect(locationOf(await visitor.signIn())).toBe("/dashboard");
  backend.calls.length = 0;
  return visitor;
}

/** Asks for a stream by a connection of its own, which nothing is read from. */
async function openStream(visitor: Visitor, body: AsyncIterable<string>): Promise<Socket> {
  backend.next.push({ status: 200, headers: EVENTS, body });
  const socket = connect(server.port, "127.0.0.1").pause();
  const head = ["GET /api/backend/events HTTP/1.1", "Host: app.example.com"];
  const fields = [`Cookie: ${visitor.jar.header()}`, "Sec-Fetch-Site: same-origin"];
  socket.write(`${[...head, ...fields].join("\r\n")}\r\n\r\n`);
  await expect.poll(() => backend.calls.length).toBe(1);
  return socket;
}

/** What arrives until the connection is closed from the other side. */
async function restOf(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "close");
  return text;
}

describe.each([
  ["silent", silence],
  ["unread", flood],
])("a backend’s stream that is %s", (_, body) => {
  it("FB-12 is closed within seconds after a sign-out here, and never passes for whole", async () => {
    const visitor = await signedIn();
    const socket = await openStream(visitor, body());
    await visitor.post("/logout");
    await deployment.pass(2000);
    expect(await backend.calls[0]?.over).toBe("cut");
    expect(await restOf(socket)).not.toMatch(/0\r\n\r\n$/);
    const told = server.log().filter(({ level }) => level === "warn" || level === "error");
    // This Node may be an old one, which is said at start.
    expect(told.filter(({ event }) => event !== "node_end_of_life")).toEqual([]);
  });

  it("FB-12 is closed within seconds after the end of its session in another process", async () => {
    const visitor = await signedIn();
    const socket = await openStream(visitor, body());
    await deployment.visitor(other, visitor.jar).post("/logout");
    for (let seconds = 0; seconds < 5; seconds++) await deployment.pass(1000);
    expect(await backend.calls[0]?.over).toBe("cut");
    expect(await restOf(socket)).not.toMatch(/0\r\n\r\n$/);
  });
});

describe("an upload for a backend", () => {
  it("FA-4 arrives whole and in order, however many chunks it came in, and the connection goes on", async () => {
    const visitor = await signedIn();
    const lines = Array.from({ length: 20_000 }, (_, n) => `${n}\n`);
    const chunks = lines.map((line) => `${line.length.toString(16)}\r\n${line}\r\n`);
    const fields = {
      Host: "app.example.com",
      Cookie: visitor.jar.header(),
      "Sec-Fetch-Site": "same-origin",
      "Transfer-Encoding": "chunked",
    };
    const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    const upload = (rest: string) =>
      `POST /api/backend/lines HTTP/1.1\r\n${head.join("")}${rest}\r\n${chunks.join("")}0\r\n\r\n`;
    const answers = await sendText(server.port, upload("") + upload("Connection: close\r\n"));
    expect(answers.match(/^HTTP\/1\.1 200 /gm)).toHaveLength(2);
    for (const { body } of backend.calls) expect(body === lines.join("")).toBe(true);
    expect(backend.calls).toHaveLength(2);
  });
});

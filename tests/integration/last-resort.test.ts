import type { ServerBuild } from "@remix-run/node";
import { defer } from "@remix-run/node";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../support/free-port";
import { listenForTests } from "../support/listen-for-tests";
import { startTestApp, type TestApp } from "../support/test-app";

const CANARY = "canary: what was worked on";

/** A body that breaks after so many pieces, each in a turn of its own. */
function brokenBody(pieces: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (sent++ < pieces) controller.enqueue(new TextEncoder().encode("a piece, "));
      else controller.error(new TypeError(CANARY));
    },
  });
}

/** Routes that break in every way that a route can. */
function withBrokenRoutes(build: ServerBuild): ServerBuild {
  const page = () => null;
  const fail = () => {
    throw new TypeError(CANARY);
  };
  const modules = {
    "broken/loader": { loader: fail, default: page },
    "broken/page": { loader: () => null, default: fail },
    "broken/resource": { loader: fail },
    "broken/late": {
      loader: () => defer({ late: Promise.reject(new TypeError(CANARY)) }),
      default: page,
    },
    "broken/body": { loader: () => new Response(brokenBody(0)) },
    "broken/rest": { loader: () => new Response(brokenBody(3)) },
  };
  const routes = { ...build.routes };
  for (const [id, module] of Object.entries(modules)) {
    routes[id] = { id, path: id, parentId: "root", module } as ServerBuild["routes"][string];
  }
  return { ...build, routes };
}

let app: TestApp;
let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  const port = await freePort();
  url = `http://localhost:${port}`;
  app = await startTestApp({ changeBuild: withBrokenRoutes, settings: { appOrigin: url } });
  close = await listenForTests(app.fetch, port);
});
afterAll(async () => {
  await close();
  await app.stop();
});

describe("When something breaks that nobody thought of", () => {
  it.each(["/broken/loader", "/broken/page", "/broken/resource", "/broken/loader.data"])(
    "LG-07 the answer to %s is a general 500, and everybody else is served",
    async (path) => {
      app.log.lines.length = 0;
      const answer = await fetch(url + path);
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toContain("canary");
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      const said = JSON.stringify(app.log.lines);
      expect(said).toContain("TypeError");
      expect(said).not.toContain("canary");
    },
  );

  it.each(["/broken/body", "/broken/rest"])(
    "LG-07 the answer of %s is cut off, so that nobody takes it for whole",
    async (path) => {
      app.log.lines.length = 0;
      const answer = await fetch(url + path);
      await expect(answer.text()).rejects.toThrow();
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      const said = JSON.stringify(app.log.lines);
      expect(said).toContain('"event":"answer_broken"');
      expect(said).toContain("TypeError");
      expect(said).not.toContain("canary");
    },
  );

  it("LG-07 a promise that is rejected later ends nothing", async () => {
    const answer = await fetch(`${url}/broken/late`);
    await answer.text();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("a browser that goes away in the middle is nothing to say", async () => {
    app.log.lines.length = 0;
    const leaving = new AbortController();
    const answer = await fetch(`${url}/broken/rest`, { signal: leaving.signal });
    leaving.abort();
    await expect(answer.text()).rejects.toThrow();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(app.log.lines.filter(({ level }) => level !== "info")).toEqual([]);
  });

  it("LG-07 Remix itself can’t be loaded: a plain page says so, and no more", async () => {
    const broken = await startTestApp({
      beside: app,
      changeBuild: () => {
        throw new TypeError(CANARY);
      },
    });
    const answer = await broken.visitor().get("/");
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain("Something went wrong on our side");
    expect(broken.log.lines).toContainEqual(expect.objectContaining({ event: "unexpected_error" }));
    onTestFinished(() => broken.stop());
  });
});

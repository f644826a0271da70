import type { ServerBuild } from "@remix-run/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addRoutes } from "../support/add-routes";
import { startTestApp, type TestApp } from "../support/test-app";

const SECRET = "the text of a mistake: /srv/app/secret.ts, canary";

function fail(): never {
  throw new Error(SECRET);
}

const page = () => null;
const MISTAKES = {
  "mistake/loader": { loader: fail, default: page },
  "mistake/action": { action: fail, default: page },
  "mistake/render": { loader: () => null, default: fail },
  "mistake/resource": { loader: fail },
  "mistake/late": {
    loader: () => ({ late: Promise.reject(new Error(SECRET)) }),
    default: page,
  },
};

let app: TestApp;
let broken: TestApp;
beforeAll(async () => {
  app = await startTestApp({ changeBuild: (build: ServerBuild) => addRoutes(build, MISTAKES) });
  broken = await startTestApp({ beside: app, changeBuild: fail });
});
afterAll(async () => {
  await broken.stop();
  await app.stop();
});

const WORDS = /Something went wrong on our side|There is no such page|This address is malformed/;

/** Whatever went wrong, the answer tells nothing of it, and is as guarded as any other. */
async function expectGeneric(answer: Response, what: string): Promise<string> {
  const headers = Object.fromEntries(answer.headers);
  expect(headers, what).toMatchObject({
    "cache-control": "no-store",
    "content-security-policy": expect.stringContaining("default-src 'self'"),
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
  const text = await answer.text();
  for (const said of [text, JSON.stringify(headers), answer.statusText]) {
    expect(said, what).not.toMatch(
      /canary|the text of|\bat \w+ \(|node_modules|\/srv|\.[jt]sx?:\d/,
    );
  }
  return text;
}

describe("a mistake in the app", () => {
  it.each([
    ["a loader’s", "GET", "/mistake/loader", 500],
    ["a loader’s, for its data", "GET", "/mistake/loader.data", 500],
    ["an action’s", "POST", "/mistake/action", 500],
    ["an action’s, for its data", "POST", "/mistake/action.data", 500],
    ["a page’s that can’t be rendered", "GET", "/mistake/render", 500],
    ["a resource’s", "GET", "/mistake/resource", 500],
    ["no page", "GET", "/no-such-page", 404],
    ["no page, for its data", "GET", "/no-such-page.data", 404],
    ["a malformed address", "GET", "/%E0%A4%A", 400],
    ["a malformed address, for its data", "GET", "/%E0%A4%A.data", 400],
  ])("HC-11 is answered in general words: %s (%s %s)", async (_, method, path, status) => {
    const answer = await app.visitor().request(path, { method });
    expect(answer.status).toBe(status);
    const text = await expectGeneric(answer, path);
    if (answer.headers.get("Content-Type")?.startsWith("text/html")) expect(text).toMatch(WORDS);
  });

  it("HC-11 says nothing of itself where the answer has begun already", async () => {
    for (const path of ["/mistake/late", "/mistake/late.data"]) {
      await expectGeneric(await app.visitor().get(path), path);
    }
  });

  it("HC-11 is answered so even where no page can be made: in words, and in JSON by an API", async () => {
    for (const [path, words] of [
      ["/", WORDS],
      ["/dashboard.data", WORDS],
      ["/api/session", /^\{"error":"server_error"\}$/],
    ] as const) {
      const answer = await broken.visitor().get(path);
      expect(answer.status, path).toBe(500);
      expect(await expectGeneric(answer, path)).toMatch(words);
    }
  });

  it("HC-11 is in the log by its class alone", () => {
    for (const { log } of [app, broken]) {
      const lines = log.lines.filter(({ level }) => level === "error");
      expect(lines.length).toBeGreaterThan(2);
      expect(JSON.stringify(lines)).not.toMatch(/canary|the text of/);
    }
  });
});

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloneApp } from "../support/clone-app";
import { followRecipe } from "../support/follow-recipe";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

const BUILT_WITHIN_MS = 90_000;

describe("README’s recipe for a feature, built for production", () => {
  let folder: string;
  let app: TestApp;
  /** What the app has asked for at Google’s API hosts. */
  const asked: string[] = [];
  /** The network, with Google’s API hosts in it, which the local Google answers for. */
  const network: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.hostname === "localhost") return fetch(input, init);
    asked.push(url.href);
    return fetch(`${app.google.issuer}/${url.host}${url.pathname}${url.search}`, init);
  };

  beforeAll(async () => {
    folder = cloneApp();
    followRecipe(folder);
    execFileSync(join(folder, "node_modules/.bin/remix"), ["vite:build"], {
      cwd: folder,
      stdio: "pipe",
      env: { ...process.env, NODE_ENV: "production" },
    });
    const apiOrigin = "https://www.googleapis.com";
    app = await startTestApp({ clone: folder, apiOrigin, fetch: network });
  }, BUILT_WITHIN_MS);
  afterAll(async () => {
    await app?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("DA-15 DA-16 calls the API at its own host once that is allowed, and its page shows it", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    expect(await (await visitor.get("/tasks")).text()).toContain('name="scope" value="tasks"');
    expect(asked).toEqual([]);

    const form = { scope: "tasks", returnTo: "/tasks" };
    const google = locationOf(await visitor.post("/auth/google", form));
    const callback = await visitor.answerAtGoogle(google);
    expect(visitor.pages).toContain("consent");
    expect(locationOf(await visitor.get(callback))).toBe("/tasks");
    expect(await (await visitor.get("/tasks")).text()).toContain("<p>Post the letters</p>");
    expect(asked).toEqual(["https://tasks.googleapis.com/tasks/v1/lists/@default/tasks"]);
  });

  it("FD-9 has nothing in it of what the local Google knows", () => {
    const files = readdirSync(join(folder, "build"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".js"))
      .map((name) => readFileSync(join(folder, "build", name), "utf8"));
    const having = (text: string) => files.filter((file) => file.includes(text)).length;
    expect(having("https://tasks.googleapis.com")).toBeGreaterThan(0);
    expect([having("View your tasks"), having("Post the letters")]).toEqual([0, 0]);
  });

  it("DA-16 FD-9 asks again when the person has unticked it, and sends nothing", async () => {
    asked.length = 0;
    const visitor = app.visitor();
    await visitor.signIn({ account: "grace.hopper@gmail.com" });
    const form = { scope: "tasks", returnTo: "/tasks" };
    const google = locationOf(await visitor.post("/auth/google", form));
    await visitor.get(await visitor.answerAtGoogle(google, { scopes: [] }));
    expect(await (await visitor.get("/tasks")).text()).toContain('name="scope" value="tasks"');
    expect(asked).toEqual([]);
  });
});

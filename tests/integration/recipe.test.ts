import { readFileSync } from "node:fs";
import type { LoaderFunctionArgs, ServerBuild } from "@remix-run/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireUser } from "../../app/auth/require-user.server";
import type { LocalFeature } from "../local-google/features";
import { recipeBlock } from "../support/follow-recipe";
import * as googleCall from "../support/readme-google-call";
import * as recipe from "../support/readme-recipe";
import { tasks as taught } from "../support/readme-tasks/local-google";
import * as tasks from "../support/readme-tasks/page";
import { TASKS_ROW } from "../support/readme-tasks/row";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ changeBuild: withRecipe });
});
afterAll(() => app.stop());

/** README’s page and call beside the app’s own routes, and one for what isn’t shown there. */
function withRecipe(build: ServerBuild): ServerBuild {
  const modules = {
    notes: recipe,
    tasks,
    events: {
      loader: async (args: LoaderFunctionArgs) => Response.json(await googleCall.loader(args)),
    },
    token: {
      loader: async (args: LoaderFunctionArgs) => {
        const { google } = await requireUser(args);
        return Response.json({ length: (await google.accessToken()).length });
      },
    },
  };
  const routes = { ...build.routes };
  const assets = { ...build.assets.routes };
  for (const [path, module] of Object.entries(modules)) {
    const place = { id: `routes/${path}`, parentId: "root", path };
    routes[place.id] = { ...place, module } as ServerBuild["routes"][string];
    const like = assets["routes/dashboard"];
    if (like) assets[place.id] = { ...like, ...place, module: "/assets/none.js" };
  }
  return { ...build, routes, assets: { ...build.assets, routes: assets } };
}

const readme = readFileSync("README.md", "utf8");
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? "";
const lines = (text: string) => text.split("\n").map((line) => line.trim());

describe("README’s recipe for a protected page", () => {
  it("is what these tests run, and what the types are checked of", () => {
    const page = readFileSync("tests/support/readme-recipe.tsx", "utf8");
    expect(page.replace("../../app/auth/", "../auth/")).toBe(block("tsx"));
    const call = readFileSync("tests/support/readme-google-call.ts", "utf8");
    expect(lines(call).join("\n")).toContain(lines(block("ts")).join("\n").trim());
  });

  it("makes a page that asks for sign-in, leads back, and shows who it is", async () => {
    const visitor = app.visitor();
    expect(locationOf(await visitor.get("/notes"))).toBe("/login?returnTo=%2Fnotes");
    expect(locationOf(await visitor.signIn({ returnTo: "/notes" }))).toBe("/notes");
    const page = await (await visitor.get("/notes")).text();
    expect(page.replaceAll("<!-- -->", "")).toContain("<h1>Notes of Ada Lovelace</h1>");
    expect(page).not.toContain("ya29");
  });

  it("calls Google with what was allowed, and says in a code what wasn’t", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const events = async () => (await visitor.get("/events")).json();
    expect(await events()).toEqual({ events: null, problem: "scope_missing" });
    const asked = await visitor.post("/auth/google", { scope: "calendar", returnTo: "/events" });
    const callback = await visitor.answerAtGoogle(locationOf(asked));
    expect(locationOf(await visitor.get(callback))).toBe("/events");
    expect(await events()).toMatchObject({
      events: expect.arrayContaining([expect.objectContaining({ summary: "Tea with Charles" })]),
      problem: null,
    });
  });
});

// All of it runs in clones: dev-server.test.ts, recipe-in-production.test.ts.
describe("README’s recipe for a feature", () => {
  it("FD-9 is what the types are checked of", () => {
    const support = (file: string) => readFileSync(`tests/support/readme-tasks/${file}`, "utf8");
    expect(support("page.tsx").replaceAll("../../../app/", "../")).toBe(recipeBlock("tsx"));
    expect(support("local-google.ts")).toBe(recipeBlock("ts"));
    expect(lines(support("row.ts")).join("\n")).toContain(lines(recipeBlock("js")).join("\n"));
  });

  it("FD-9 teaches the local Google what the row names", () => {
    const feature: LocalFeature = taught;
    expect([feature.scope]).toEqual(TASKS_ROW.tasks.scopes);
    const origins = Object.keys(feature.api ?? {}).map((address) => new URL(address).origin);
    expect(origins).toEqual(TASKS_ROW.tasks.apis);
  });

  it("DA-15 sends nothing to an API that no feature names, and its page says that something is missing", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const page = await visitor.get("/tasks");
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining("<p>Your tasks can’t be shown right now.</p>"),
    ]);
    expect(app.google.calls.count("api")).toBe(0);
    const failed = app.log.lines.filter(({ event }) => event === "google_api_failed");
    expect(failed.at(-1)?.fields).toMatchObject({ api: "tasks", cause: "address_not_allowed" });
  });
});

describe("google.accessToken", () => {
  it("gives a loader the token, renewed when it was due", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    await app.clock.advance(3_600_000);
    const answer = await visitor.get("/token");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(await answer.json()).toEqual({ length: expect.any(Number) });
  });

  it("answers 503, and when to ask again, while there is none that works", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const headers = { "Retry-After": "40" };
    app.google.faults.set("token", { kind: "status", status: 503, headers });
    await app.clock.advance(3_600_000);
    const answer = await visitor.get("/token");
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "40"]);
    app.google.faults.clear();
    await app.clock.advance(60_000);
    expect((await visitor.get("/token")).status).toBe(200);
  });
});

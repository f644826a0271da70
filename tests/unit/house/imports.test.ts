import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { ambientUsesIn, type Import, importsIn } from "./read-source";

/** What happens in `app/auth`; at its top stands what routes call first. */
const AUTH_ROOMS = ["auth/sign-in", "auth/refresh", "auth/access", "auth/ending"];
const AUTH = ["auth", ...AUTH_ROOMS];
/** What a page shows and does. Only routes import them, so that each can be taken out. */
const FEATURE_ROOMS = ["agenda", "dashboard", "account", "welcome"];
const INNER_ROOMS = [...AUTH_ROOMS, "store/database"];

/** The rooms of `app/`, each with those that it may import from. Arrows point one way; all may name the brand. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  brand: [],
  config: [],
  process: ["config"],
  session: ["config"],
  google: ["config"],
  "store/database": ["config"],
  store: ["store/database", "config"],
  backend: ["google", "config"],
  "auth/refresh": ["session", "google", "store", "process", "config"],
  "auth/access": ["auth/refresh", "session", "google", "backend", "store", "config"],
  "auth/ending": ["auth/refresh", "session", "google", "store", "config"],
  "auth/sign-in": [
    "auth/ending",
    "auth/refresh",
    "session",
    "google",
    "backend",
    "store",
    "process",
    "config",
  ],
  auth: [...AUTH_ROOMS, "session", "google", "backend", "store", "process", "config"],
  metrics: [...AUTH, "session", "google", "store", "config"],
  admin: ["session", "store", "store/database", "config"],
  http: [...AUTH, "session", "google", "backend", "store", "config", "ui", "client"],
  routes: [...FEATURE_ROOMS, ...AUTH, "session", "google", "store", "config", "ui", "client"],
  ...Object.fromEntries(
    FEATURE_ROOMS.map((room) => [
      room,
      [...AUTH, "session", "google", "store", "config", "ui", "client"],
    ]),
  ),
  ui: ["client", ...AUTH, "session", "google", "store", "config"],
  client: ["ui", ...AUTH, "session", "google", "store", "config"],
};
const IN_THE_BROWSER = ["ui", "client", ...FEATURE_ROOMS];
/** Packages that only a server has. */
const SERVER_PACKAGES =
  /^(node:|pino$|prom-client$|hono$|hono\/|@hono\/|remix-auth|@remix-run\/node$)/;
/** Files that Remix splits by itself, or that are known to run on the server alone. */
const ANYWHERE = /^(routes\/.*|root\.tsx|entry\.server\.tsx|server\.ts|routes\.ts|remix\.d\.ts)$/;
// The store’s two are its drivers' deadlines: real waiting for a real database, at the very edge.
const NEAR_THE_WORLD =
  /^(config\/|http\/listen\.server\.ts$|store\/database\/(call-limit|turns)\.server\.ts$|entry\.|ui\/|client\/|welcome\/signed-in-view\.tsx$)/;

interface Module {
  /** From `app/` on. */
  path: string;
  imports: Import[];
  ambientUses: string[];
}

function readModule(path: string, text: string): Module {
  return { path, imports: importsIn(text), ambientUses: ambientUsesIn(text) };
}

const MODULES = readdirSync("app", { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => readModule(path, readFileSync(`app/${path}`, "utf8")));

/** The room of a file; a file that stands in none has its own name for one. */
function roomOf(path: string): string {
  const [first = path, second = ""] = path.split("/");
  const inside = `${first}/${second}`;
  return INNER_ROOMS.includes(inside) ? inside : first;
}

/** The imported file, from `app/` on and without its ending; null for a package. */
function fileOf(importer: string, from: string): string | null {
  return from.startsWith(".") ? posix.join(posix.dirname(importer), from) : null;
}

/** What is wrong with a module’s imports, each as `from → to`. */
function wrongArrows({ path, imports }: Module): string[] {
  const room = roomOf(path);
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined) return [];
  return imports.flatMap(({ from, typeOnly }) => {
    const file = fileOf(path, from);
    // The version stands in package.json.
    if (file === null || file === "../package.json") return [];
    const target = roomOf(file);
    // A route may know the shape of the root loader’s data.
    const good =
      target === room ||
      target === "brand" ||
      allowed.includes(target) ||
      (target === "root" && typeOnly);
    const inBrowser = IN_THE_BROWSER.includes(room) && !path.includes(".server.");
    const reachesServer = inBrowser && !typeOnly && file.endsWith(".server");
    return good && !reachesServer ? [] : [`${path} → ${file}`];
  });
}

/** What a module imports of what only the local Google may know, which never runs in production. */
function taughtBy({ path, imports }: Module): string[] {
  return imports
    .map(({ from }) => fileOf(path, from) ?? "")
    .filter((file) => /(^|\/)local-google$/.test(file) || file.startsWith("../tests/"))
    .map((file) => `${path} → ${file}`);
}

/** Why a file whose name doesn’t say so can only run on a server. */
function serverOnlyBecause({ path, imports }: Module): string[] {
  if (ANYWHERE.test(path) || /\.server\.tsx?$/.test(path)) return [];
  return imports
    .filter(({ typeOnly }) => !typeOnly)
    .filter(({ from }) => SERVER_PACKAGES.test(from) || from.endsWith(".server"))
    .map(({ from }) => `${path} needs ${from}`);
}

/** What a module takes from the world outside without being handed it. */
function helpsItselfTo({ path, ambientUses }: Module): string[] {
  return ambientUses
    .filter(
      (use) => !NEAR_THE_WORLD.test(path) || (use === "process.env" && !/^config\//.test(path)),
    )
    .map((use) => `${path} uses ${use}`);
}

describe("the app’s modules", () => {
  it("are all read", () => {
    const rooms = new Set(MODULES.map(({ path }) => roomOf(path)));
    for (const room of ["config", "session", "google", "auth", "http", "routes", "ui"]) {
      expect(rooms).toContain(room);
    }
    expect(MODULES.flatMap((module) => module.imports).length).toBeGreaterThan(100);
  });

  it("import one way: routes → auth → session, google, store → config", () => {
    expect(MODULES.flatMap(wrongArrows)).toEqual([]);
  });

  it("end in .server.ts when they can only run on a server", () => {
    expect(MODULES.flatMap(serverOnlyBecause)).toEqual([]);
  });

  it("FD-9 know nothing of what the local Google learns from a file beside a feature", () => {
    expect(MODULES.flatMap(taughtBy)).toEqual([]);
  });

  it("are handed time, chance, network and environment", () => {
    expect(MODULES.flatMap(helpsItselfTo)).toEqual([]);
  });
});

/** How many files each room has, by its name. */
function filesByRoom(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of MODULES) counts.set(roomOf(path), (counts.get(roomOf(path)) ?? 0) + 1);
  return counts;
}

describe("the app’s files", () => {
  it("are short enough to be read in one go", () => {
    const paths = readdirSync("app", { recursive: true, encoding: "utf8" });
    const sources = paths.filter((path) => /\.(tsx?|css)$/.test(path));
    const linesOf = (path: string) => readFileSync(`app/${path}`, "utf8").split("\n").length - 1;
    expect(sources.filter((path) => linesOf(path) > 200)).toEqual([]);
  });
});

describe("the rooms of auth", () => {
  it("hold few enough files to find one at a glance", () => {
    const counts = filesByRoom();
    expect([...counts.keys()]).toEqual(expect.arrayContaining(AUTH));
    expect(AUTH.filter((room) => (counts.get(room) ?? 0) > 14)).toEqual([]);
  });
});

describe("the house rules", () => {
  const wrong = (path: string, text: string) => wrongArrows(readModule(path, text));

  it.each([
    ["config/log.server.ts", 'import { x } from "../session/limits.server";'],
    ["session/seal.server.ts", 'import { x } from "../google/scopes";'],
    ["google/scopes.ts", 'import type { X } from "../session/session.server";'],
    ["google/scopes.ts", 'export { x } from "../auth/messages";'],
    ["auth/refresh/refresh.server.ts", 'import { x } from "../../routes/login";'],
    ["auth/refresh/refresh.server.ts", 'import "../../http/pipeline.server";'],
    ["auth/refresh/refresh.server.ts", 'import { x } from "../access/api-pauses.server";'],
    [
      "auth/ending/end-session.server.ts",
      'import type { X } from "../sign-in/transaction.server";',
    ],
    ["auth/access/bearer-user.server.ts", 'import type { X } from "../request-context.server";'],
    ["http/remix-step.server.ts", 'const x = await import("../routes/login");'],
    ["routes/login.tsx", 'import { x } from "../http/pipeline.server";'],
    ["routes/login.tsx", 'import { x } from "../root";'],
    ["session/limits.server.ts", 'type X = import("../auth/messages").X;'],
    ["ui/shell.tsx", 'import { x } from "../auth/require-user.server";'],
    ["ui/shell.tsx", 'import { type X, y } from "../config/log.server";'],
    ["client/use-session.ts", 'import { x } from "../routes/login";'],
    ["dashboard/dashboard-view.tsx", 'import { x } from "../agenda/next-events";'],
    ["ui/shell.tsx", 'import type { X } from "../agenda/agenda-days";'],
    ["http/remix-step.server.ts", 'import { x } from "../account/google-access";'],
    ["agenda/event-form.tsx", 'import { x } from "./agenda.server";'],
  ])("see a wrong arrow in %s: %s", (path, text) => {
    expect(wrong(path, text)).toHaveLength(1);
  });

  it.each([
    ["auth/refresh/refresh.server.ts", 'import { x } from "../../google/scopes";'],
    ["auth/refresh/refresh.server.ts", 'import { x } from "./back-off.server";'],
    ["auth/sign-in/finish.server.ts", 'import { x } from "../ending/end-session.server";'],
    ["auth/require-user.server.ts", 'import { x } from "./access/google-access.server";'],
    ["routes/login.tsx", 'import type { loader } from "../root";'],
    ["ui/shell.tsx", 'import type { SignedIn } from "../auth/require-user.server";'],
    ["ui/shell.tsx", 'import { type X, type Y } from "../auth/require-user.server";'],
    ["ui/shell.tsx", 'import { END_MESSAGES } from "../auth/sign-in/messages";'],
    ["config/log.server.ts", 'import pino from "pino";'],
    ["server.ts", 'import { x } from "./http/listen.server";'],
  ])("see none in %s: %s", (path, text) => {
    expect(wrong(path, text)).toEqual([]);
  });

  it.each([
    ["routes/tasks.tsx", 'import { tasks } from "../tasks/local-google";'],
    ["tasks/tasks.server.ts", 'import { tasks } from "./local-google";'],
    ["tasks/local-google.ts", 'import type { X } from "../../tests/local-google/features";'],
  ])("see what only the local Google may know: %s with %s", (path, text) => {
    expect(taughtBy(readModule(path, text))).toHaveLength(1);
  });

  it.each([
    ["auth/sign-in/messages.ts", 'import { createHash } from "node:crypto";'],
    ["google/scopes.ts", 'import { x } from "./http.server";'],
    ["ui/shell.tsx", 'import pino from "pino";'],
  ])("see what only a server can run: %s with %s", (path, text) => {
    expect(serverOnlyBecause(readModule(path, text))).toHaveLength(1);
  });

  it.each([
    ["auth/refresh/refresh.server.ts", "const now = Date.now();"],
    ["auth/refresh/refresh.server.ts", "const now = new Date();"],
    ["auth/refresh/refresh.server.ts", "const x = Math.random();"],
    ["auth/refresh/refresh.server.ts", "setTimeout(() => {}, 1);"],
    ["routes/login.tsx", "const answer = await fetch(url);"],
    ["routes/login.tsx", "const x = process.env.SECRET;"],
    ["entry.server.tsx", "const x = process.env.SECRET;"],
    ["server.ts", "const { SECRET } = process.env;"],
  ])("see who helps himself to the world: %s with %s", (path, text) => {
    expect(helpsItselfTo(readModule(path, text))).toHaveLength(1);
  });

  it.each([
    ["config/clock.server.ts", "const now = Date.now(); setTimeout(() => {}, now);"],
    ["config/environment.server.ts", "export const env = process.env;"],
    ["auth/refresh/refresh.server.ts", "const date = new Date(now); http.fetch(url);"],
    ["google/http.server.ts", "function ask({ fetch }: Http) { return () => fetch(url); }"],
    ["server.ts", "export default { fetch(request) { return process.argv; } };"],
  ])("let %s have %s", (path, text) => {
    expect(helpsItselfTo(readModule(path, text))).toEqual([]);
  });
});

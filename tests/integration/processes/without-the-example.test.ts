import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloneApp } from "../../support/clone-app";
import { doStep, stepsOf } from "../../support/make-it-yours";
import { startTestApp, type TestApp } from "../../support/test-app";

const WITHIN_MS = 180_000;
/** What the tools read besides what `cloneApp` copies. */
const REST = [
  "tests",
  "docs",
  "scripts",
  "README.md",
  "SECURITY.md",
  ".ci",
  "biome.json",
  "knip.json",
]
  .concat(["tsconfig.json", "vitest.config.ts", "playwright.config.ts", "package-lock.json"])
  .concat([".env.example", ".gitattributes", ".gitignore", ".npmrc", "exec.cmd", "LICENSE"]);

describe("the app without the example", () => {
  const steps = stepsOf("Without the example");
  let folder = "";
  /** What each tool found wrong. */
  let complaints = new Map<string, string | null>();

  /** Runs a tool in the copy; null when it is content, else what it said. */
  async function complaintOf(tool: string, ...args: string[]): Promise<string | null> {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      NODE_ENV: tool === "remix" ? "production" : "test",
      // As the document has it: the list of what is tested, anew.
      UPDATE_CONFORMANCE: args.includes("tests/conformance") ? "1" : "",
    };
    for (const name of Object.keys(env)) if (name.startsWith("VITEST")) delete env[name];
    const bin = join(folder, "node_modules/.bin", tool);
    return promisify(execFile)(bin, args, { cwd: folder, env, maxBuffer: 1 << 26 }).then(
      () => null,
      (error: { stdout?: string; stderr?: string }) =>
        `${error.stdout}${error.stderr}`.slice(-6000),
    );
  }

  beforeAll(async () => {
    folder = cloneApp();
    for (const name of REST) {
      if (existsSync(name)) cpSync(name, join(folder, name), { recursive: true });
    }
    for (const step of steps) doStep(folder, step);
    execFileSync("git", ["init", "-q"], { cwd: folder });
    execFileSync("git", ["add", "-A"], { cwd: folder });
    await complaintOf("biome", "check", "--write", ".");
    await complaintOf("vitest", "run", "tests/conformance");
    const asked: [string, ...string[]][] = [
      ["tsc", "--noEmit"],
      ["biome", "check", "--error-on-warnings", "."],
      ["knip"],
      ["remix", "vite:build"],
    ];
    complaints = new Map(
      await Promise.all(
        asked.map(async ([tool, ...args]) => [tool, await complaintOf(tool, ...args)] as const),
      ),
    );
    complaints.set("vitest", await complaintOf("vitest", "run", "--project", "unit"));
  }, WITHIN_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("takes six steps at most", () => {
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.length).toBeLessThanOrEqual(6);
  });

  it("leaves no word of the example in the app", () => {
    const left = readdirSync(join(folder, "app"), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(tsx?|css)$/.test(path))
      .filter((path) => /agenda/i.test(readFileSync(join(folder, "app", path), "utf8")));
    expect(left).toEqual([]);
  });

  it.each(["tsc", "biome", "knip", "vitest", "remix"])("is fine by %s", (tool) => {
    expect(complaints.get(tool)).toBeNull();
  });

  it("lets people sign in, and has no such page", async () => {
    const app: TestApp = await startTestApp({ clone: folder });
    try {
      const visitor = app.visitor();
      await visitor.signIn();
      const page = await (await visitor.get("/dashboard")).text();
      expect(page).toContain("You stay signed in until");
      expect(page).not.toMatch(/agenda|next events/i);
      expect((await visitor.get("/agenda")).status).toBe(404);
    } finally {
      await app.stop();
    }
  });
});

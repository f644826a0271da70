import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BRAND } from "../../app/brand/brand";
import { startTestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

const run = promisify(execFile);
/** What a rename may touch, and what the checks below need. */
const TREE = ["app", "docs", "public", "scripts", "tests"];
const FILES = [
  ".env.example",
  ".gitignore",
  "README.md",
  "SECURITY.md",
  "LICENSE",
  "biome.json",
  "knip.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "vite.config.ts",
  "vitest.config.ts",
  "playwright.config.ts",
  "exec.cmd",
];

let pristine: string;
let folder: string;
const folders: string[] = [];

function copyOf(from: string): string {
  const copy = mkdtempSync(join(tmpdir(), "latchkey-rename-"));
  folders.push(copy);
  for (const name of [...TREE, ...FILES]) {
    if (existsSync(join(from, name)))
      cpSync(join(from, name), join(copy, name), { recursive: true });
  }
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  return copy;
}

beforeAll(() => {
  pristine = copyOf(".");
});
beforeEach(() => {
  folder = copyOf(pristine);
});
afterAll(() => {
  for (const copy of folders) rmSync(copy, { recursive: true });
});

const renameTo = (...name: string[]) =>
  run(process.execPath, ["scripts/rename.mjs", ...name], { cwd: folder });
const read = (path: string) => readFileSync(join(folder, path), "utf8");
const brandName = () => /name: "([^"]+)"/.exec(read("app/brand/brand.ts"))?.[1];

describe("npm run rename", () => {
  it("gives the app another name, and leaves types, lint and the tests that read the name as they were", async () => {
    const { stdout } = await renameTo("Ada und Söhne’s Schlüssel");
    expect(stdout).toMatch(/^It is called Ada und Söhne’s Schlüssel now, in \d+ files\./);
    expect(read("README.md")).toMatch(/^# Ada und Söhne’s Schlüssel$/m);
    expect(JSON.parse(read("package.json")).name).toBe("ada-und-so-hne-s-schlu-ssel");
    const bin = (name: string, ...args: string[]) =>
      run(join("node_modules/.bin", name), args, { cwd: folder, env: process.env });
    const naming = [
      "unit/config",
      "unit/house/observability",
      "unit/house/documents",
      "conformance",
    ];
    await Promise.all([
      bin("tsc", "--noEmit"),
      bin("biome", "check", "--error-on-warnings", "."),
      bin("vitest", "run", ...naming.map((path) => `tests/${path}`)),
      bin("remix", "vite:build"),
    ]);
    const app = await startTestApp({ clone: folder });
    const visitor = app.visitor();
    const login = await (await visitor.get("/login")).text();
    expect(login).toContain("<title>Sign in · Ada und Söhne’s Schlüssel</title>");
    expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    const dashboard = await (await visitor.get("/dashboard")).text();
    expect(dashboard).toContain("Ada und Söhne’s Schlüssel");
    expect(dashboard).not.toContain(BRAND.name);
    await app.stop();
  }, 120_000);

  it("can be used again, and back: then everything is as it was", async () => {
    await renameTo("Your App");
    expect(brandName()).toBe("Your App");
    await renameTo("다른 이름");
    expect(brandName()).toBe("다른 이름");
    expect(JSON.parse(read("package.json")).name).toBe("app");
    await renameTo(BRAND.name);
    for (const path of ["README.md", "app/brand/brand.ts", "package.json", "package-lock.json"]) {
      expect(read(path)).toBe(readFileSync(join(pristine, path), "utf8"));
    }
  });

  it.each([
    ["nothing", [], /^It is called .+\. To give it another name/],
    ["blanks", ["   "], /^It is called .+\. To give it another name/],
    ["its own name", [BRAND.name], /^It is called .+ already/],
    ["a quotation mark", ['My "App"'], /^A name has letters, digits and blanks/],
    ["markup", ["<b>App</b>"], /^A name has letters, digits and blanks/],
    ["a template", ["$" + "{name}"], /^A name has letters, digits and blanks/],
    ["a backslash", ["App\\"], /^A name has letters, digits and blanks/],
    ["61 signs", ["a".repeat(61)], /^A name has letters, digits and blanks/],
    ["a word of the project’s", ["Google"], /is a word that these files use/],
  ])("refuses %s with a sentence, and changes nothing", async (_, args, sentence) => {
    await expect(renameTo(...args)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(sentence),
    });
    expect(brandName()).toBe(BRAND.name);
  });
});

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BRAND } from "../../app/brand/brand";
import { GoogleVisitor } from "../local-google/google-visitor";
import { cloneAll } from "../support/clone-app";
import { startTestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

const run = promisify(execFile);
/** Every sign that means something to HTML, Markdown, a string, a template or `String.replace`. */
const ODD = `Tom’s & "Jerry" <b>$&</b> {$} \\ '*_#' 열쇠 שלום`;
const CHANGED = ["app/brand/brand.ts", "README.md", "package.json", "package-lock.json"];

let folder: string;
beforeAll(() => {
  folder = cloneAll();
});
// Each test finds the name that the app has here.
beforeEach(() => {
  for (const path of CHANGED) writeFileSync(join(folder, path), readFileSync(path));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A shell’s environment, with nothing of Vitest’s in it. */
const SHELL = ["-i", `PATH=${process.env.PATH}`, `HOME=${process.env.HOME}`];
/** Runs a command in the clone; one that fails has all that it said in its error’s message. */
const inClone = (...command: string[]) =>
  run("env", [...SHELL, ...command], { cwd: folder, maxBuffer: 10_000_000 }).catch((error) => {
    error.message += `\n${error.stdout}`;
    throw error;
  });
const bin = (name: string, ...args: string[]) => inClone(`node_modules/.bin/${name}`, ...args);
const renameTo = (...words: string[]) => inClone(process.execPath, "scripts/rename.mjs", ...words);
const read = (path: string) => readFileSync(join(folder, path), "utf8");
const packageName = (path = "package.json") => String(JSON.parse(read(path)).name);

let reads = 0;
async function nameNow(): Promise<string> {
  const path = join(folder, `app/brand/brand.ts?${reads++}`);
  const { BRAND: brand }: { BRAND: { name: string } } = await import(/* @vite-ignore */ path);
  return brand.name;
}

/** What a person reads of a page. */
const textOf = (html: string) =>
  html
    .replaceAll(/<script.*?<\/script>|<!--.*?-->/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&#(x?)([\da-f]+);/gi, (_, hex, code) =>
      String.fromCodePoint(Number.parseInt(code, hex ? 16 : 10)),
    )
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ");

describe("npm run rename", () => {
  it("gives the app a name with any signs, and leaves lint, types, build and tests as they were", async () => {
    const { stdout } = await renameTo(ODD);
    expect(stdout).toContain(`The app is called ${ODD}.`);
    await Promise.all([
      bin("tsc", "--noEmit"),
      bin("biome", "check", "--error-on-warnings", ".")
        .then(() => bin("knip"))
        .then(() => bin("remix", "vite:build"))
        .then(() => bin("vitest", "run", "--project", "unit", "--project", "conformance")),
    ]);

    const app = await startTestApp({ clone: folder });
    const visitor = app.visitor();
    const login = await (await visitor.get("/login")).text();
    expect(textOf(login)).toContain(`Sign in to ${ODD}`);
    let google = "";
    const browser = new GoogleVisitor({
      fetch: async (...request) => {
        const answer = await fetch(...request);
        google += await answer.clone().text();
        return answer;
      },
    });
    await browser.authorize(await visitor.startSignIn());
    expect(textOf(google)).toContain(`to continue to ${ODD}`);
    expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    const dashboard = await (await visitor.get("/dashboard")).text();
    expect(textOf(dashboard)).toContain(`Dashboard · ${ODD}`);
    for (const page of [login, google, dashboard]) expect(page).not.toContain(BRAND.name);
    await app.stop();
  }, 240_000);

  it.each([
    ["a word that the project uses", ["Session"], "Session", "session"],
    ["the name of a page of README’s", ["Notes"], "Notes", "notes"],
    ["words without quotation marks around them", ["Acme", "Suite"], "Acme Suite", "acme-suite"],
    ["blanks around and between", ["  Acme \t\n Suite "], "Acme Suite", "acme-suite"],
    ["letters with accents", ["Söhne’s Schlüssel"], "Söhne’s Schlüssel", "sohnes-schlussel"],
    ["quotation marks", [`"Acme" 'n' Co`], `"Acme" 'n' Co`, "acme-n-co"],
    ["one apostrophe", ["Tom’s"], "Tom’s", "toms"],
    ["one quotation mark", ['19" Racks'], '19" Racks', "19-racks"],
    ["a backslash at its end", ["Acme\\"], "Acme\\", "acme"],
    ["Korean", ["열쇠"], "열쇠", "app"],
    ["letters from right to left", ["מפתח 24!"], "מפתח 24!", "24"],
    ["an emoji of several parts", ["Us 👩‍🚀"], "Us 👩‍🚀", "us"],
    ["the name of a package that the app needs", ["Zod"], "Zod", "zod-app"],
    ["60 characters", ["a".repeat(60)], "a".repeat(60), "a".repeat(60)],
  ])("takes %s", async (_, words, name, npm) => {
    await renameTo(...words);
    expect(await nameNow()).toBe(name);
    expect([packageName(), packageName("package-lock.json")]).toEqual([npm, npm]);
    await bin("biome", "check", "--error-on-warnings", "app/brand", "package.json");
  });

  it("can be run again and again, and back: then every file is as it was", async () => {
    for (const name of ["The", `${BRAND.name} Pro`, ODD, "Google", BRAND.name]) {
      await renameTo(name);
      expect(await nameNow()).toBe(name);
    }
    for (const path of CHANGED) expect(read(path)).toBe(readFileSync(path, "utf8"));
  });

  it("touches nothing but where the name stands", async () => {
    const theirs = ["data/kept.md", ".env", ".git/HEAD", "app/routes/theirs.ts", "notes.md"];
    for (const path of theirs) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), `# ${BRAND.name}\n  name: "${BRAND.name}",\n`);
    }
    const before = await everyFile();
    await renameTo("Acme");
    const after = await everyFile();
    for (const path of theirs) rmSync(join(folder, path));
    rmSync(join(folder, ".git"), { recursive: true });
    const differing = [...after].filter(([path, sum]) => before.get(path) !== sum);
    expect(differing.map(([path]) => path).sort()).toEqual([...CHANGED].sort());
    expect(after.size).toBe(before.size);
  });

  it("leaves out a file that isn’t there any more", async () => {
    for (const path of ["README.md", "package-lock.json"]) rmSync(join(folder, path));
    await renameTo("Acme");
    expect(await nameNow()).toBe("Acme");
    expect(existsSync(join(folder, "README.md"))).toBe(false);
  });

  it.each([
    ["nothing", [], /npm run rename -- "Your App" gives the app another name/],
    ["blanks", ["   "], /npm run rename -- "Your App" gives the app another name/],
    ["an option", ["--help"], /npm run rename -- "Your App" gives the app another name/],
    ["its own name", [BRAND.name], /is called .+ already/],
    ["signs alone", ["<&>"], /needs a letter or a digit/],
    ["a control character", ["Acme\u0007"], /only characters that can be seen/],
    ["a turn of direction", ["Acme\u202eSuite"], /only characters that can be seen/],
    ["a template", ["$" + "{name}"], /may not have/],
    ["61 characters", ["a".repeat(61)], /at most 60 characters; this one has 61/],
  ])("refuses %s with a sentence, and changes nothing", async (_, words, sentence) => {
    await expect(renameTo(...words)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(sentence),
    });
    for (const path of CHANGED) expect(read(path)).toBe(readFileSync(path, "utf8"));
  });

  it("changes nothing when one of the files can’t be read", async () => {
    writeFileSync(join(folder, "package-lock.json"), "<<<<<<< HEAD");
    await expect(renameTo("Acme")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^package-lock.json is not JSON/),
    });
    expect(await nameNow()).toBe(BRAND.name);
  });

  it("says so when the line with the name is gone", async () => {
    writeFileSync(join(folder, "app/brand/brand.ts"), "export const BRAND = {};\n");
    await expect(renameTo("Acme")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^app\/brand\/brand.ts has no line/),
    });
  });
});

/** What each file of the clone holds, by its path; packages aside, which are links. */
async function everyFile(): Promise<Map<string, string>> {
  const { stdout } = await inClone("find", ".", "-type", "f", "-exec", "sha256sum", "{}", "+");
  return new Map(
    stdout.split("\n").flatMap((line) => (line ? [[line.slice(68), line.slice(0, 64)]] : [])),
  );
}

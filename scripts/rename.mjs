// `npm run rename -- "Your App"`: gives the product its name, wherever it stands: `app/brand/brand.ts`, the
// documents, the tests that read a page. Names of the mechanism (tables, cookies, metrics, `createLatchkey`)
// need none: they are written together with other letters, and stay.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const BRAND = "app/brand/brand.ts";
/** What is not the project's own, or carries names of its own: the licence, and what tells of renaming. */
const LEFT_ALONE =
  /^(node_modules|build|data|test-results|playwright-report|coverage|LICENSE|\.git|\.env|rename\.(mjs|test\.ts))$/;
const TEXT = /\.(ts|tsx|mjs|js|json|md|css|svg|html|txt|xml|ya?ml|example)$/;
/** Letters and digits of any script, blanks between them, and signs that no file has to escape. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .’_-]*$/u;
const LONGEST = 60;

const name = (process.argv[2] ?? "").normalize("NFC").trim().replaceAll(/\s+/g, " ");
const brand = readFileSync(BRAND, "utf8");
const before = /name: "([^"]+)"/.exec(brand)?.[1];
if (before === undefined) fail(`${BRAND} doesn’t say what the product is called now.`);
if (name === "") {
  fail(`It is called ${before}. To give it another name: npm run rename -- "Your App"`);
}
if (!NAME.test(name) || [...name].length > LONGEST) {
  fail(
    `A name has letters, digits and blanks, ’ . _ and -, and ${LONGEST} signs at most: it stands in pages, code and documents.`,
  );
}
if (name === before) fail(`It is called ${name} already.`);

const files = textFiles(".");
if (files.some((path) => rename(readFileSync(path, "utf8"), name, "") !== null)) {
  fail(
    `“${name}” is a word that these files use for something else: another rename couldn’t tell the two apart.`,
  );
}
const changed = files.filter((path) => {
  const renamed = rename(readFileSync(path, "utf8"), before, name);
  if (renamed !== null) writeFileSync(path, renamed);
  return renamed !== null;
});
const packageName = nameForNpm(name);
for (const path of ["package.json", "package-lock.json"].filter((path) => existsSync(path))) {
  const content = JSON.parse(readFileSync(path, "utf8"));
  content.name = packageName;
  if (content.packages?.[""]) content.packages[""].name = packageName;
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}
// A longer name breaks lines elsewhere. Without packages there is nothing to do it with yet.
spawnSync("node_modules/.bin/biome", ["format", "--write", "."], { stdio: "ignore" });
process.stdout.write(
  `It is called ${name} now, in ${changed.length} files. Next: its description in ${BRAND}, its mark and its colours beside it, public/favicon.svg, and what README says of it.\n`,
);

/**
 * The text with another name, or null where the name isn’t in it as a word by itself: not as a part of
 * another, such as of `createLatchkey`. Lines that tell how to rename stay as they are.
 */
function rename(text, from, to) {
  const literal = from.replaceAll(/[.-]/g, "\\$&");
  const word = new RegExp(`(?<![\\p{L}\\p{M}\\p{N}_-])${literal}(?![\\p{L}\\p{M}\\p{N}_-])`, "gu");
  const lines = text
    .split("\n")
    .map((line) => (line.includes("npm run rename") ? line : line.replaceAll(word, () => to)));
  return lines.join("\n") === text ? null : lines.join("\n");
}

function textFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !LEFT_ALONE.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return textFiles(path);
      return entry.isFile() && TEXT.test(entry.name) && entry.name !== "package-lock.json"
        ? [path]
        : [];
    });
}

/** Lower case, digits and hyphens; npm takes no other scripts. */
function nameForNpm(text) {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");
  return plain.replaceAll(/^-+|-+$/g, "") || "app";
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

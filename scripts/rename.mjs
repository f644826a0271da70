/**
 * Gives the app another name: `npm run rename -- "Your App"`. It stands in four places, which this writes;
 * pages, messages, tests and the local Google take it from the first. Whatever else is in the tree is not
 * looked at, so that a name may be any word, and may be given again. docs/make-it-yours.md has the rest.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const BRAND = "app/brand/brand.ts";
const NAME_LINE = /^ {2}name: (["'])(.*)\1,$/m;
const LONGEST = 60;

const source = readFileSync(BRAND, "utf8");
const before = NAME_LINE.exec(source)?.[2]?.replaceAll(/\\(.)/g, "$1");
if (before === undefined) stop(`${BRAND} has no line “name: "…",” any more: rename it by hand.`);
// Whoever left out the quotation marks means all of the words.
const name = process.argv.slice(2).join(" ").normalize("NFC").trim().replaceAll(/\s+/g, " ");
if (name === "" || name.startsWith("-")) {
  stop(
    `npm run rename -- "Your App" gives the app another name, in ${BRAND}, README’s title and package.json. It is called ${before} now.`,
  );
}
if (name === before) stop(`The app is called ${name} already.`);
const problem = problemOf(name);
if (problem !== null) stop(`${problem} The app is still called ${before}.`);

const changed = [
  change(BRAND, (text) => text.replace(NAME_LINE, () => `  name: ${literal(name)},`)),
  // The title alone, if there is one.
  change("README.md", (text) => text.replace(/^# .*/, () => `# ${inMarkdown(name)}`)),
  change("package.json", inPackage),
  change("package-lock.json", inPackage),
];
// What can’t be read has stopped it by now, before anything is changed.
for (const { path, text } of changed.filter((file) => file !== null)) writeFileSync(path, text);
process.stdout.write(
  `The app is called ${name}. What else makes it yours is in docs/make-it-yours.md.\n`,
);

/** What is wrong with a name, in a sentence; null when nothing is. */
function problemOf(text) {
  const length = [...text].length;
  if (length > LONGEST) return `A name has at most ${LONGEST} characters; this one has ${length}.`;
  if (!/[\p{L}\p{N}]/u.test(text)) return "A name needs a letter or a digit.";
  // The two joiners are part of how some scripts and emoji are written.
  if (/[\p{C}\uFFFD]/u.test(text.replaceAll(/[\u200C\u200D]/g, ""))) {
    return "A name may have only characters that can be seen.";
  }
  // The linter takes it in a string for a template that somebody forgot.
  if (/\$\{/.test(text)) return "A name may not have “$” right before “{”.";
  return null;
}

/** A file with its new text; null where there is no such file. */
function change(path, rewrite) {
  if (!existsSync(path)) return null;
  try {
    return { path, text: rewrite(readFileSync(path, "utf8")) };
  } catch (error) {
    if (error instanceof SyntaxError) stop(`${path} is not JSON, so nothing was changed.`);
    throw error;
  }
}

/** A string as the formatter writes it: in the quotation marks of which the text has fewer. */
function literal(text) {
  const [mark, other] = text.split('"').length > text.split("'").length ? ["'", '"'] : ['"', "'"];
  return mark + text.replaceAll(/[\\"']/g, (sign) => (sign === other ? sign : `\\${sign}`)) + mark;
}

function inMarkdown(text) {
  return text.replaceAll(/[\\`*_[\]<>&#|~$]/g, "\\$&");
}

/** package.json or its lock with the name as npm takes it, indented as npm does it. */
function inPackage(text) {
  const content = JSON.parse(text);
  const { dependencies, devDependencies } = content.packages?.[""] ?? content;
  const plain = nameForNpm(name);
  // A package can’t have its own name among what it depends on.
  const own = plain in { ...dependencies, ...devDependencies } ? `${plain}-app` : plain;
  content.name = own;
  if (content.packages?.[""]) content.packages[""].name = own;
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Lower case, digits and hyphens; “app” where no letter of the name is one that npm takes. */
function nameForNpm(text) {
  const letters = text.normalize("NFKD").replaceAll(/[\p{M}’']/gu, "");
  const parts = letters.toLowerCase().match(/[a-z0-9]+/g);
  return parts?.join("-") ?? "app";
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

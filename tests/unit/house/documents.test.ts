import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { runAdminCommand } from "../../../app/admin/admin-command.server";
import { systemClock } from "../../../app/config/clock.server";
import { FEATURES, type FeatureNeeds, SIGN_IN_SCOPES } from "../../../app/google/scopes";
import type { Store } from "../../../app/store/store.server";

/** Without a command there is nothing to do in it. */
const NO_STORE = {} as Store;

/** The README’s examples: files that the reader makes. */
const EXAMPLES = ["app/routes/notes.tsx", "app/routes/tasks.tsx", "app/tasks/local-google.ts"];

describe("the README", () => {
  const readme = readFileSync("README.md", "utf8");

  it("SC-09 gives the session’s limits and their reasons against NIST’s", () => {
    expect(readme).toMatch(/NIST/);
    expect(readme).toMatch(/\b30 days\b/);
    expect(readme).toMatch(/\b180 days\b/);
    expect(readme).toMatch(/24 (h|hours)/);
  });

  it("DA-14 wants a project for each tier, the scopes that are asked for and no others, and a watch on the client", () => {
    const production = readme.slice(readme.indexOf("## Going to production"));
    expect(production).toMatch(/project per tier/);
    for (const scope of SIGN_IN_SCOPES) expect(production).toContain(`\`${scope}\``);
    const named = production.match(/https:\/\/www\.googleapis\.com\/auth\/[\w.]+/g);
    const rows: Record<string, FeatureNeeds> = FEATURES;
    expect(named ?? []).toEqual(Object.values(rows).flatMap(({ scopes }) => [...scopes]));
    expect(production).toMatch(/deletes OAuth clients that were not used for six months/);
  });

  it("FD-7 installs what the build needs where NODE_ENV is production, as docs/deploy.md does", () => {
    const production = readme.slice(readme.indexOf("## Going to production"));
    for (const text of [production, readFileSync("docs/deploy.md", "utf8")]) {
      expect(text).toContain("`npm ci --include=dev && npm run build && npm start`");
      expect(text).not.toMatch(/npm ci && npm run build/);
    }
  });

  it("shows a protected page in ten lines", () => {
    const [, recipe = ""] = /```tsx\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(recipe).toContain("requireUser");
    expect(recipe.split("\n").filter((line) => line.trim() !== "")).toHaveLength(10);
  });

  it("names every setting that .env.example has", () => {
    const names = [...readFileSync(".env.example", "utf8").matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)];
    expect(names.length).toBeGreaterThan(15);
    for (const [, name] of names) expect(readme).toContain(name);
  });
});

/** Each document by its path, with its text. */
const DOCUMENTS = [
  "README.md",
  "SECURITY.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
].map((path): [string, string] => [path, readFileSync(path, "utf8")]);

/** What it names is taken out by its steps: a test does them (`without-the-example.test.ts`). */
const TAKES_OUT = "docs/make-it-yours.md";

describe("the documents", () => {
  it.each(DOCUMENTS.filter(([path]) => path !== TAKES_OUT))(
    "%s names files and folders that are there",
    (path, text) => {
      const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)];
      const linked = links.map(([, target = ""]) => posix.join(posix.dirname(path), target));
      // Names with a pattern or an ellipsis in them mean more than one file.
      const quoted = [...text.matchAll(/`((?:app|tests|docs)\/[\w./-]+)`/g)].map(
        ([, name]) => name,
      );
      const named = [...linked, ...quoted].filter((name) => name !== undefined);
      const there = (name: string) => existsSync(name) || EXAMPLES.includes(name);
      expect(named.filter((name) => !there(name))).toEqual([]);
    },
  );

  it.each(["docs/threat-model.md", "SECURITY.md"])("%s is linked from the README", (path) => {
    expect(readFileSync("README.md", "utf8")).toContain(`](${path})`);
  });
});

describe("the threat model", () => {
  const text = readFileSync("docs/threat-model.md", "utf8");

  it("names requirements that there are", () => {
    const requirements: { id: string }[] = JSON.parse(
      readFileSync("docs/requirements.json", "utf8"),
    );
    const known = new Set(requirements.map(({ id }) => id));
    const named = text.match(/\b(?:SF|SC|TR|SO|CS|DA|LG|HC|PF|MP|UX|F[A-G])-\d+\b/g) ?? [];
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  it.each([
    "Login CSRF",
    "Session fixation",
    "Mix-up",
    "Code injection",
    "Open redirect",
    "Cookie tossing",
    "XSS",
    "CSRF",
    "Refresh replay",
    "SSRF",
    "Forged security events",
    "The local Google in production",
    "A dependency’s release",
  ])("speaks of %s", (threat) => {
    expect(text).toContain(`**${threat}`);
  });
});

describe("SECURITY.md", () => {
  it("names commands that the operator has", async () => {
    const text = readFileSync("SECURITY.md", "utf8");
    const commands = [...text.matchAll(/npm run admin -- ([\w-]+)/g)].map(([, name]) => name);
    expect(new Set(commands)).toEqual(
      new Set(["list-sessions", "end-sessions", "disable", "end-all"]),
    );
    const limits = { idleMs: 1, absoluteMs: 1 };
    const parts = { store: NO_STORE, clock: systemClock, limits, issuer: "" };
    const { text: usage } = await runAdminCommand(parts, []);
    for (const command of commands) expect(usage).toContain(`  ${command}`);
  });
});

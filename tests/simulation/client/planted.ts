import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import type { Client } from "./client-code";

/** A small change of the browser’s code that makes it wrong. */
export interface Planted {
  name: string;
  file: (typeof FILES)[number];
  from: string;
  to: string;
}

const FILES = [
  "client/kept-forms",
  "client/next-read",
  "client/session-report",
  "client/session-state",
  "client/session-watch",
  "ui/session-reaction",
] as const;

export const PLANTED: readonly Planted[] = [
  {
    name: "an older answer that comes late counts",
    file: "client/session-state",
    from: "const newest = askedAt >= Math.max(watch.knownAt, watch.doubtedAt) || at < watch.knownAt;",
    to: "const newest = true;",
  },
  {
    name: "news that differ ask nobody",
    file: "client/session-state",
    from: "read: doubtedAt > 0 }",
    to: "read: false }",
  },
  {
    name: "an answer asked for before the news settles them",
    file: "client/session-state",
    from: "Math.max(watch.knownAt, watch.doubtedAt)",
    to: "watch.knownAt",
  },
  {
    name: "a page’s late data settle a doubt",
    file: "client/session-watch",
    from: "seed.now < watch.now || watch.doubtedAt",
    to: "seed.now < watch.now",
  },
  {
    name: "a page’s late data count as new",
    file: "client/session-watch",
    from: "seed.now < watch.now || watch.doubtedAt",
    to: "watch.doubtedAt",
  },
  {
    name: "a doubt is forgotten while another tab asks",
    file: "client/session-watch",
    from: "if (watch.knownAt === knownAt || watch.doubtedAt) return ask();",
    to: "if (watch.knownAt === knownAt && !watch.doubtedAt) return ask();",
  },
  {
    name: "a failed read signs out",
    file: "client/session-state",
    from: "watch: { ...watch, triedAt: at, failures: watch.failures + 1, unknownSince },",
    to: "watch: { ...watch, known: { status: 'unauthenticated', reason: null }, triedAt: at, failures: watch.failures + 1, unknownSince },",
  },
  {
    name: "a hotel’s page is an answer",
    file: "client/session-watch",
    from: ".catch(() => null);",
    to: ".catch(() => ({ report: { status: 'unauthenticated', reason: null }, final: false, now: null, askedAt }));",
  },
  {
    name: "nothing is asked after what was asked last",
    file: "client/session-watch",
    from: "      plan();\n      for",
    to: "      for",
  },
  {
    name: "a read that has ended counts as running",
    file: "client/session-watch",
    from: "if (asking === mine) asking = null;",
    to: "",
  },
  {
    name: "a page from the back/forward cache hears nothing more",
    file: "client/session-watch",
    from: "          open();\n          restore();",
    to: "",
  },
  {
    name: "a page stays when somebody else is signed in",
    file: "ui/session-reaction",
    from: 'if (known.status === "authenticated") return "reload";',
    to: 'if (known.status === "authenticated") return "revalidate";',
  },
  {
    name: "a form is put back for anybody",
    file: "client/kept-forms",
    from: "(who === null || form.who === who)",
    to: "true",
  },
  {
    name: "a form that was sent isn’t kept",
    file: "client/kept-forms",
    from: 'keep(form, { path, who, fate: "sent" }, timeStamp + DOUBLE_PRESS_MS);',
    to: "held.set(form, timeStamp + DOUBLE_PRESS_MS);",
  },
  {
    name: "a second press sends a second time",
    file: "client/kept-forms",
    from: "if (timeStamp < (held.get(form) ?? 0)) {",
    to: "if (false) {",
  },
  {
    name: "a form that led to sign-in counts as arrived",
    file: "client/kept-forms",
    from: 'store(load().map((form) => (form.fate === "sent" ? { ...form, fate } : form)));',
    to: "",
  },
];

/** A copy of the browser’s code with a defect, as modules; the app’s own files stay as they are. */
export async function withDefect({ file, from, to }: Planted): Promise<Client> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-planted-"));
  try {
    for (const room of ["client", "ui"]) mkdirSync(join(folder, room));
    for (const path of FILES) {
      const own = readFileSync(`app/${path}.ts`, "utf8");
      if (path === file && own.split(from).length !== 2) {
        throw new Error(`app/${path}.ts has changed: what the defect replaces isn’t there once.`);
      }
      const source = path === file ? own.replace(from, () => to) : own;
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      const linked = outputText.replace(/from "(\.[^"]+)"/g, 'from "$1.mjs"');
      writeFileSync(join(folder, `${path}.mjs`), linked);
    }
    const modules = await Promise.all(
      FILES.map(
        (path) => import(/* @vite-ignore */ pathToFileURL(join(folder, `${path}.mjs`)).href),
      ),
    );
    return Object.assign({}, ...modules) as Client;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

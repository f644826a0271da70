import { z } from "zod";
import { parseUrl } from "./parse-url";

/** Those of pg, in a connection string. */
const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"];

/** `DATABASE_URL`. It is never repeated: a PostgreSQL address carries a password. */
export const databaseUrl = z.string().superRefine((text, context) => {
  const message = /^postgres(ql)?:\/\/./.test(text)
    ? flawOfPostgres(text)
    : /^file:./.test(text)
      ? flawOfFile(text)
      : "must start with file: or postgres://";
  if (message !== null) context.addIssue({ code: "custom", message });
});

/** What SQLite would take for part of a file’s name, and a person doesn’t mean so. */
function flawOfFile(text: string): string | null {
  if (/[?#]/.test(text)) return "must be a path only: file: takes no parameters here";
  if (/^file:(\/\/\/?)?~/.test(text)) {
    return "must not start with ~, which only a shell knows; write the folder out";
  }
  if (/[/\\]$/.test(text)) return "must name a file, not a folder";
  if (!text.startsWith("file://")) return null;
  return /^file:\/\/(localhost)?\/./.test(text) && decodes(text)
    ? null
    : "must be file: and a path, or file:/// and a whole one";
}

/** Only what is plain from the text; the rest is said when it is opened. */
function flawOfPostgres(text: string): string | null {
  // A socket’s folder is named by ?host=, so that there may be no host.
  const full = text.replace("@/", "@socket/");
  const url = parseUrl(full);
  if (url === null || url.hash || !decodes(text)) {
    return "must be a URL; write special characters of its password as percent escapes (# is %23)";
  }
  const modes = url.searchParams.getAll("sslmode");
  if (modes.every((mode) => SSL_MODES.includes(mode))) return null;
  return `must have an sslmode that there is: ${SSL_MODES.join(", ")}`;
}

/** Whether its percent escapes are those of UTF-8. */
function decodes(text: string): boolean {
  try {
    for (const [escapes] of text.matchAll(/(%[\da-f]{2})+/gi)) decodeURIComponent(escapes);
    return true;
  } catch {
    return false;
  }
}

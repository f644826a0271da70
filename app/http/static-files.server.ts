import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { MiddlewareHandler } from "hono";
import { getMimeType } from "hono/utils/mime";

export interface StaticFiles {
  /** The addresses of the files. */
  paths: string[];
  serve: MiddlewareHandler;
}

interface StaticFile {
  bytes: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

/**
 * The built browser files: some hundred KB in all, read once, so that a request costs no look at the
 * disk and reaches no other file. Those under `/assets/` carry a hash of their content in their name.
 *
 * A file is always sent whole: a server may ignore `Range` (RFC 9110 14.2).
 */
export function staticFiles(directory: string): StaticFiles {
  const files = new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(directory, join(entry.parentPath, entry.name))),
  );
  return {
    paths: [...files.keys()],
    async serve(context, next) {
      const file = files.get(context.req.path);
      return file ? context.body(file.bytes, 200, file.headers) : next();
    },
  };
}

function readFile(directory: string, file: string): [string, StaticFile] {
  const path = `/${relative(directory, file).split(sep).join("/")}`;
  const bytes = new Uint8Array(readFileSync(file));
  const cached = path.startsWith("/assets/") ? "max-age=31536000, immutable" : "max-age=3600";
  const headers = {
    "Content-Type": getMimeType(path) ?? "application/octet-stream",
    "Content-Length": String(bytes.length),
    "Cache-Control": `public, ${cached}`,
  };
  return [path, { bytes, headers }];
}

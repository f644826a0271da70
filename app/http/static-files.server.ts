import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { MiddlewareHandler } from "hono";

/** The built browser files. Those under `/assets/` carry a hash of their content in their name. */
export function staticFiles(directory: string): MiddlewareHandler {
  const serve = serveStatic({ root: directory });
  return async (context, next) => {
    const file = await serve(context, next);
    // Else it was no file, and the steps behind have answered.
    if (!(file instanceof Response)) return;
    const hashed = context.req.path.startsWith("/assets/");
    // On the answer itself: what `onFound` sets comes too late for it.
    file.headers.set(
      "Cache-Control",
      hashed ? "public, max-age=31536000, immutable" : "public, max-age=3600",
    );
    return file;
  };
}

/** The addresses of these files. */
export function staticPaths(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((file) => relative(directory, join(file.parentPath, file.name)))
    .map((path) => `/${path.split(sep).join("/")}`);
}

import { serveStatic } from "@hono/node-server/serve-static";
import type { MiddlewareHandler } from "hono";

/** The built browser files. Those under `/assets/` carry a hash of their content in their name. */
export function staticFiles(directory: string): MiddlewareHandler {
  return serveStatic({
    root: directory,
    onFound: (_path, context) => {
      const hashed = context.req.path.startsWith("/assets/");
      context.header(
        "Cache-Control",
        hashed ? "public, max-age=31536000, immutable" : "public, max-age=3600",
      );
    },
  });
}

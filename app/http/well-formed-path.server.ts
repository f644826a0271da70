import type { MiddlewareHandler } from "hono";

/** A path that no decoder accepts is a mistake or a probe: said so here, before a router stumbles. */
export const wellFormedPath: MiddlewareHandler = async (context, next) => {
  try {
    decodeURIComponent(new URL(context.req.url).pathname);
  } catch {
    return context.text("This address is malformed.", 400, { "Cache-Control": "no-store" });
  }
  return next();
};

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type PlainPage, plainPage, START_PAGE } from "./plain-page.server";
import { isApi } from "./public-address.server";

/**
 * Says no where Remix isn’t asked: under `/api/` in JSON, `{"error": code}`, elsewhere as a page for a
 * person. Never for a cache.
 */
export function refuse(
  context: Context,
  status: ContentfulStatusCode,
  error: string,
  page: PlainPage,
): Response | Promise<Response> {
  if (!isApi(context.req.path)) return plainPage(context, status, page);
  return context.json({ error }, status, { "Cache-Control": "no-store", ...page.headers });
}

/** For an address that nobody has, where Remix isn’t asked. */
export function notFound(context: Context): Response | Promise<Response> {
  return refuse(context, 404, "not_found", {
    title: "There is no such page",
    message: "The address may be mistyped, or the page has moved.",
    next: START_PAGE,
  });
}

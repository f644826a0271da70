import type { ServerBuild } from "@remix-run/node";
import type { HonoRequest, MiddlewareHandler } from "hono";
import { showsOnly } from "../auth/shows-only.server";
import { START_PAGE } from "./plain-page.server";
import { isApi } from "./public-address.server";
import { notFound, refuse } from "./refusal.server";
import { pageOf, type Routes, routesAt } from "./remix-routes.server";
import { hasEmptySegment } from "./request-budget.server";

export interface ServedMethods {
  /** What the address is for: the `Allow` header. */
  allowed: readonly string[];
  /** Whether a POST is the route’s to answer, if only to say no. */
  takesPosts: boolean;
}

const READ = ["GET", "HEAD"];
/** A backend’s addresses are its own business, but TRACE is off everywhere: it shows cookies to scripts. */
const BACKEND: ServedMethods = {
  allowed: [...READ, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  takesPosts: true,
};
const BACKEND_PATH = /^\/api\/backend(\/|$)/;

/**
 * The methods that Remix’s routes serve at a path, by what the route’s module exports: GET and HEAD of a
 * page or a loader, POST of an action. (Remix would run an action for PUT, PATCH and DELETE as well.)
 *
 * @returns null where there is no such address: only the catch-all route matches.
 */
export function createMethodsOf(routes: Routes): (pathname: string) => ServedMethods | null {
  return (pathname) => {
    const [leaf, parent] = routesAt(routes, pageOf(pathname)).toReversed();
    if (leaf === undefined || (leaf.route.path === "*" && leaf.pathnameBase === "/")) return null;
    // A form without `?index` posts to the layout of an index page.
    const targets = leaf.route.index ? [leaf, parent] : [leaf];
    const actions = targets.flatMap((match) => routes[match?.route.id ?? ""]?.module.action ?? []);
    const module = routes[leaf.route.id ?? ""]?.module;
    const shows = Boolean(module?.default || module?.loader);
    const acts = actions.some((action) => action !== showsOnly);
    return {
      allowed: [...(shows ? READ : []), ...(acts ? ["POST"] : [])],
      takesPosts: actions.length > 0,
    };
  };
}

/**
 * Answers 405 with `Allow` to methods that an address doesn’t serve, OPTIONS among them: nobody from
 * elsewhere has anything to ask here (no CORS).
 *
 * @param own the methods of addresses that aren’t Remix’s.
 */
export function servedMethods(
  loadServerBuild: () => Promise<ServerBuild>,
  own: ReadonlyMap<string, readonly string[]>,
): MiddlewareHandler {
  async function methodsAt({ path, url }: HonoRequest): Promise<ServedMethods | "nowhere" | null> {
    const allowed = own.get(path);
    if (allowed) return { allowed, takesPosts: false };
    if (BACKEND_PATH.test(path)) return BACKEND;
    const { pathname } = new URL(url);
    if (hasEmptySegment(pathname)) return "nowhere";
    const { routes } = await loadServerBuild();
    return createMethodsOf(routes)(pathname);
  }

  return async (context, next) => {
    const { method } = context.req;
    const served = await methodsAt(context.req);
    // Who asks for JSON isn’t told so by a page.
    const isNowhere = served === "nowhere" || (served === null && isApi(context.req.path));
    if (isNowhere) return notFound(context);
    // What no route has can be asked for, and Remix says so.
    const allowed = served?.allowed ?? READ;
    if (allowed.includes(method)) return next();
    const allow = allowed.join(", ");
    if (method === "POST" && served?.takesPosts) {
      await next();
      // Remix drops the headers of what an action throws.
      if (context.res.status === 405) context.header("Allow", allow);
      return;
    }
    if (served === null) return notFound(context);
    return refuse(context, 405, "method_not_allowed", {
      title: "This can’t be done here",
      message: "The address is for something else.",
      next: START_PAGE,
      headers: { Allow: allow },
    });
  };
}

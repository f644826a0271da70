import type { ServerBuild } from "@remix-run/node";
import { pageOf, type Routes, routesAt } from "./remix-routes.server";
import { hasEmptySegment, pathFault } from "./request-budget.server";

/** Names the route of a path, such as `/files/:id`; `*` for a path that no route has. */
export type RouteOf = (path: string) => Promise<string>;

/** What the pipeline answers before Remix. */
const BEFORE_REMIX = ["/assets/", "/api/backend/"];

/**
 * Names routes by Remix’s own matching. There are only as many names as routes, whatever people ask
 * for, and none holds what stood in the path: names are fit for metrics and logs.
 */
export function createRouteNames(loadServerBuild: () => Promise<ServerBuild>): RouteOf {
  return async (path) => {
    const prefix = BEFORE_REMIX.find((start) => path.startsWith(start));
    if (prefix !== undefined) return `${prefix}*`;
    // A build that can’t be loaded is for the step to tell that needs it.
    const build = await loadServerBuild().catch(() => null);
    return build === null ? "*" : nameOf(build.routes, path);
  };
}

function nameOf(routes: Routes, path: string): string {
  if (pathFault(path) !== null || hasEmptySegment(path)) return "*";
  const isData = path.endsWith(".data");
  const matches = routesAt(routes, isData ? pageOf(path) : path);
  const segments = matches.flatMap(({ route }) => (route.path ? [route.path] : []));
  if (matches.length === 0 || segments.at(-1) === "*") return "*";
  return `/${segments.join("/")}${isData ? ".data" : ""}`;
}

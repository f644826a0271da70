import type { ServerBuild } from "@remix-run/node";
import { matchRoutes } from "@remix-run/react";
import { BoundedMap } from "../config/bounded-map";

export type Routes = ServerBuild["routes"];
type RouteTree = Parameters<typeof matchRoutes>[0];
type Matches = NonNullable<ReturnType<typeof matchRoutes>>;

/** Matching costs some 100 µs, and most requests are for a few addresses. */
const PATHS_REMEMBERED = 1000;
const LONGEST_REMEMBERED = 200;

/** In development an edit brings other routes, with a matcher of their own. */
const matchers = new WeakMap<Routes, (page: string) => Matches>();

/** The page whose data single fetch asks for at an address, and to whose action it posts. */
export function pageOf(path: string): string {
  return path.replace(/\.data$/, "").replace(/^\/_root$/, "/");
}

/** The routes at a page’s path, outermost first, as Remix will match them; none where there are none. */
export function routesAt(routes: Routes, page: string): Matches {
  const match = matchers.get(routes) ?? createMatcher(routes);
  matchers.set(routes, match);
  return match(page);
}

function createMatcher(routes: Routes): (page: string) => Matches {
  const tree = treeBelow(routes, undefined);
  const known = new BoundedMap<string, Matches>(PATHS_REMEMBERED);
  return (page) => {
    const matches = known.get(page) ?? matchRoutes(tree, page) ?? [];
    if (page.length < LONGEST_REMEMBERED) known.set(page, matches);
    return matches;
  };
}

function treeBelow(routes: Routes, parentId: string | undefined): RouteTree {
  return Object.values(routes).flatMap((route): RouteTree => {
    if (!route || route.parentId !== parentId) return [];
    const { id, path, caseSensitive } = route;
    const common = { id, ...(path && { path }), ...(caseSensitive && { caseSensitive }) };
    return route.index
      ? [{ ...common, index: true }]
      : [{ ...common, children: treeBelow(routes, id) }];
  });
}

import type { ServerBuild } from "@remix-run/node";
import { matchRoutes } from "@remix-run/react";
import { BoundedMap } from "../config/bounded-map";

/** Names the route of a path, such as `/files/:id`; `*` for a path that no route has. */
export type RouteOf = (path: string) => Promise<string>;

type RouteTree = NonNullable<Parameters<typeof matchRoutes>[0]>;

/** What the pipeline answers before Remix. */
const BEFORE_REMIX = ["/assets/", "/api/backend/", "/__manifest"];
const PATHS_REMEMBERED = 1000;

/**
 * Names routes by Remix's own matching. There are only as many names as routes, whatever people ask
 * for, and none holds what stood in the path: names are fit for metrics and logs.
 */
export function createRouteNames(loadServerBuild: () => Promise<ServerBuild>): RouteOf {
  const known = new WeakMap<ServerBuild["routes"], BoundedMap<string, string>>();

  return async (path) => {
    const prefix = BEFORE_REMIX.find((start) => path.startsWith(start));
    if (prefix !== undefined) return `${prefix}*`;
    // A build that can't be loaded is for the step to tell that needs it.
    const build = await loadServerBuild().catch(() => null);
    if (build === null) return "*";
    const names = known.get(build.routes) ?? new BoundedMap<string, string>(PATHS_REMEMBERED);
    known.set(build.routes, names);
    const name = names.get(path) ?? nameOf(build, path);
    if (path.length < 200) names.set(path, name);
    return name;
  };
}

function nameOf({ routes }: ServerBuild, path: string): string {
  if (!isWellFormed(path)) return "*";
  const isData = path.endsWith(".data");
  const page = isData ? path.slice(0, -".data".length).replace(/^\/_root$/, "/") : path;
  const matches = matchRoutes(treeBelow(routes, undefined), page) ?? [];
  const segments = matches.flatMap(({ route }) => (route.path ? [route.path] : []));
  if (matches.length === 0 || segments.at(-1) === "*") return "*";
  return `/${segments.join("/")}${isData ? ".data" : ""}`;
}

function treeBelow(routes: ServerBuild["routes"], parentId: string | undefined): RouteTree {
  return Object.values(routes)
    .flatMap((route) => (route ? [route] : []))
    .filter((route) => route.parentId === parentId)
    .map(({ id, path, index, caseSensitive }) => {
      const common = {
        id,
        ...(path !== undefined && { path }),
        ...(caseSensitive !== undefined && { caseSensitive }),
      };
      return index
        ? { ...common, index: true as const }
        : { ...common, children: treeBelow(routes, id) };
    });
}

function isWellFormed(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

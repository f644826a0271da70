import type { ServerBuild } from "@remix-run/node";

type Route = NonNullable<ServerBuild["routes"][string]>;
type AssetRoute = ServerBuild["assets"]["routes"][string];

/** The build with more pages, by their path, that exist in one test only. */
export function addRoutes(
  build: ServerBuild,
  modules: Record<string, Partial<Route["module"]>>,
): ServerBuild {
  const added = Object.entries(modules).map(([id, module]) => {
    const route = { id, parentId: "root", path: id };
    const assets: AssetRoute = {
      ...route,
      hasAction: "action" in module,
      hasLoader: "loader" in module,
      hasClientAction: false,
      hasClientLoader: false,
      hasErrorBoundary: false,
      module: "/assets/none.js",
    };
    return { id, route: { ...route, module: module as Route["module"] }, assets };
  });
  return {
    ...build,
    routes: { ...build.routes, ...Object.fromEntries(added.map(({ id, route }) => [id, route])) },
    assets: {
      ...build.assets,
      routes: {
        ...build.assets.routes,
        ...Object.fromEntries(added.map(({ id, assets }) => [id, assets])),
      },
    },
  };
}

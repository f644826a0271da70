import type { ServerBuild } from "@remix-run/node";
import * as root from "../../app/root";
import * as account from "../../app/routes/account";
import * as apiSession from "../../app/routes/api.session";
import * as signInStart from "../../app/routes/auth.google";
import * as callback from "../../app/routes/auth.google_.callback";
import * as events from "../../app/routes/auth.google_.events";
import * as dashboard from "../../app/routes/dashboard";
import * as dashboardIndex from "../../app/routes/dashboard._index";
import * as login from "../../app/routes/login";
import * as logout from "../../app/routes/logout";

// All that the simulator takes from the app, in one place: the app’s files may move.
// biome-ignore-start lint/performance/noBarrelFile: one place to change
export type { Clock } from "../../app/config/clock.server";
export { hashSessionId } from "../../app/config/id-hash.server";
export type { Log } from "../../app/config/log.server";
export type { Random } from "../../app/config/random.server";
export type { Settings } from "../../app/config/settings.server";
export { createLatchkey, type LatchkeyApp } from "../../app/server";
export { cookiePolicy, parseCookieHeader } from "../../app/session/cookie-header.server";
export { createSealer } from "../../app/session/seal.server";
export type { Session } from "../../app/session/session.server";
export { createSessionCookie } from "../../app/session/session-cookie.server";
export { openStore, type Store } from "../../app/store/store.server";

// biome-ignore-end lint/performance/noBarrelFile: one place to change

type Route = NonNullable<ServerBuild["routes"][string]>;
type Module = Route["module"];

/** A page as the simulator wants it: what its loaders and action do, without the drawing of it. */
function route(id: string, path: string, module: object, parentId = "root"): [string, Route] {
  const { loader, action } = module as Module;
  const parts = { ...(loader && { loader }), ...(action && { action }) };
  const shown = { default: () => null } as Module;
  const isPage = "default" in module;
  return [id, { id, path, parentId, module: { ...(isPage && shown), ...parts } as Module }];
}

/** Remix’s build of the app’s real routes. Pages are their loaders’ data. */
export function routesOfApp(): ServerBuild {
  const index = route("routes/dashboard._index", "", dashboardIndex, "routes/dashboard");
  index[1].index = true;
  const top = { ...route("root", "", root)[1] };
  Reflect.deleteProperty(top, "parentId");
  const routes = Object.fromEntries([
    ["root", top],
    route("routes/dashboard", "dashboard", dashboard),
    index,
    route("routes/account", "account", account),
    route("routes/login", "login", login),
    route("routes/logout", "logout", logout),
    route("routes/api.session", "api/session", apiSession),
    route("routes/auth.google", "auth/google", signInStart),
    route("routes/callback", "auth/google/callback", callback),
    route("routes/events", "auth/google/events", events),
  ]);
  const entry = {
    default: (_request: Request, status: number, headers: Headers, page: unknown) => {
      const { staticHandlerContext: found } = page as { staticHandlerContext: object };
      const { loaderData } = found as { loaderData: unknown };
      return new Response(JSON.stringify(loaderData), { status, headers });
    },
    handleError: () => {},
  };
  return {
    entry: { module: entry as unknown as ServerBuild["entry"]["module"] },
    routes,
    assets: { entry: { module: "", imports: [] }, routes: {}, url: "", version: "simulated" },
    publicPath: "/",
    assetsBuildDirectory: "",
    future: {
      v3_fetcherPersist: true,
      v3_lazyRouteDiscovery: false,
      v3_relativeSplatPath: true,
      v3_routeConfig: true,
      v3_singleFetch: true,
      v3_throwAbortReason: true,
      unstable_optimizeDeps: false,
    } as ServerBuild["future"],
    isSpaMode: false,
    basename: "/",
  } as unknown as ServerBuild;
}

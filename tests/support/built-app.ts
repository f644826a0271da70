import type { ServerBuild } from "@remix-run/node";

type Server = typeof import("../../app/server");

/** The production build: `npm run build` made it. */
export async function loadBuiltServer(): Promise<Server> {
  const path = new URL("../../build/server/server.js", import.meta.url).href;
  return import(/* @vite-ignore */ path);
}

/** Remix's part of the production build, to add routes to. */
export async function loadBuiltRoutes(): Promise<ServerBuild> {
  const { loadRemixBuild } = await loadBuiltServer();
  return loadRemixBuild();
}

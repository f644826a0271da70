import { pathToFileURL } from "node:url";
import type { ServerBuild } from "@remix-run/node";

type Server = typeof import("../../app/server");

/** The production build that `npm run build` made, here or in a clone’s folder. */
export async function loadBuiltServer(folder?: string): Promise<Server> {
  const root =
    folder === undefined ? new URL("../../", import.meta.url) : pathToFileURL(`${folder}/`);
  const path = new URL("build/server/server.js", root).href;
  return import(/* @vite-ignore */ path);
}

/** Remix’s part of the production build, to add routes to. */
export async function loadBuiltRoutes(): Promise<ServerBuild> {
  const { loadRemixBuild } = await loadBuiltServer();
  return loadRemixBuild();
}

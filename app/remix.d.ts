/// <reference types="vite/client" />

// why: Remix’s Vite plugin provides it, without types.
declare module "virtual:remix/server-build" {
  const build: import("@remix-run/node").ServerBuild;
  export = build;
}

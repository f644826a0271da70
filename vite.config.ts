import devServer, { defaultOptions } from "@hono/vite-dev-server";
import { vitePlugin as remix } from "@remix-run/dev";
import { defineConfig, type Plugin } from "vite";
import { localGoogle } from "./tests/local-google/dev-plugin";
import { devServerRules } from "./tests/local-google/dev-server-rules";

declare module "@remix-run/server-runtime" {
  interface Future {
    v3_singleFetch: true;
  }
}

export default defineConfig(({ command, mode }) => ({
  plugins: [
    command === "serve" && devServerRules(mode),
    localGoogle(),
    devServer({
      entry: "app/development.server.ts",
      exclude: [/^\/app\/.+/, /\?(import|url|inline)\b/, ...defaultOptions.exclude],
      injectClientScript: false,
    }),
    remix({
      future: {
        v3_fetcherPersist: true,
        v3_lazyRouteDiscovery: false,
        v3_relativeSplatPath: true,
        v3_routeConfig: true,
        v3_singleFetch: true,
        v3_throwAbortReason: true,
      },
    }),
    serverEntry(),
  ],
  // One style sheet for both builds: by their own targets they would name two.
  build: { sourcemap: false, cssTarget: ["chrome107", "edge107", "firefox104", "safari16"] },
  // Many small files, and much that isn’t used: a start takes 0.45 s with them in the bundle, else 0.8 s.
  ...(command === "build" && { ssr: { noExternal: ["jose", "kysely", "zod"] } }),
  optimizeDeps: {
    // What the browser gets besides React and Remix. Found only while the first page loads, Vite would
    // make all of them ready once more, and that page would meet two Reacts.
    include: ["is-network-error"],
    // Remix’s search for styles finds these behind the routes, and would have the first page loaded twice.
    exclude: ["@remix-run/node", "zod"],
  },
}));

/**
 * Builds the process’s entry, and the app beside it for tests that start it by themselves, where Remix
 * would put its own. All in one folder: the app finds the browser’s files from where it is itself.
 */
function serverEntry(): Plugin {
  const input = {
    index: "app/main.server.ts",
    server: "app/server.ts",
    start: "app/start.server.ts",
  };
  const output = { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" };
  return {
    name: "latchkey:server-entry",
    config: (_config, { command, isSsrBuild }) =>
      command === "build" && isSsrBuild
        ? { build: { target: "node20", rollupOptions: { input, output } } }
        : undefined,
  };
}

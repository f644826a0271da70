import type { Plugin } from "vite";
import { fillInEnvironment } from "./dev-environment";

/**
 * `npm run dev` with nothing set up. It acts when the dev server begins to listen, and holds all
 * requests back until then: Vite servers that never listen, such as the one that Remix makes
 * inside `vite build` to read the routes, start nothing.
 */
export function localGoogle(): Plugin {
  let undo: (() => Promise<void>) | undefined;

  return {
    name: "latchkey:local-google",
    apply: "serve",
    configureServer(server) {
      if (process.env.VITEST) return;
      let ready: Promise<void> | undefined;
      server.httpServer?.once("listening", () => {
        const { logger, mode, root } = server.config;
        const origin = `http://localhost:${server.config.server.port}`;
        ready = fillInEnvironment(mode, root, origin, (message) => logger.warn(message)).then(
          (environment) => {
            undo = environment.undo;
            for (const line of environment.notice) logger.info(line);
          },
        );
        ready.catch((error: Error) => logger.error(`The local Google did not start: ${error}`));
      });
      server.middlewares.use((_request, _response, next) => {
        (ready ?? Promise.resolve()).then(() => next(), next);
      });
    },
    // Vite closes the old server before the new one listens when it restarts.
    async closeBundle() {
      const undoOnce = undo;
      undo = undefined;
      await undoOnce?.();
    },
  };
}

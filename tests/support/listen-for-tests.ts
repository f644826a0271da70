import { serve } from "@hono/node-server";

/** Serves an app on a port; the answer stops it and drops every connection. */
export function listenForTests(
  fetch: (request: Request, env?: object) => Promise<Response>,
  port: number,
): Promise<() => Promise<void>> {
  return new Promise((resolve) => {
    const server = serve({ fetch, port, hostname: "localhost" }, () =>
      resolve(
        () =>
          new Promise((closed) => {
            server.close(() => closed());
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      ),
    );
  });
}

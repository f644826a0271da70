import { getRequestListener } from "@hono/node-server";

/** The server puts its own `Request` and `Response` in the place of Node’s: here for all test files alike. */
getRequestListener(() => new Response());

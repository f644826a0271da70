import type { LoaderFunctionArgs } from "@remix-run/node";

/** Readiness: whether requests should be sent here. Needs the database. */
export async function loader({ context }: LoaderFunctionArgs) {
  const database = (await context.app.store.check()).kind;
  return database === "available"
    ? Response.json({ status: "ready", checks: { database } })
    : Response.json({ status: "unavailable", checks: { database } }, { status: 503 });
}

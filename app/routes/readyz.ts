import type { LoaderFunctionArgs } from "@remix-run/node";

/** Readiness: whether requests should be sent here. Needs the database, and not when it stops. */
export async function loader({ context }: LoaderFunctionArgs) {
  if (context.app.stopping.aborted) return Response.json({ status: "stopping" }, { status: 503 });
  const database = (await context.app.store.check()).kind;
  return database === "available"
    ? Response.json({ status: "ready", checks: { database } })
    : Response.json({ status: "unavailable", checks: { database } }, { status: 503 });
}

import type { LoaderFunctionArgs } from "@remix-run/node";

/** Readiness: whether requests should be sent here. Needs the database, and not when it stops. */
export async function loader({ context }: LoaderFunctionArgs) {
  if (context.app.stopping.aborted) return Response.json({ status: "stopping" }, { status: 503 });
  const { store, owed } = context.app;
  const database = (await store.check()).kind;
  // What waits is for an operator to know. It is no reason to send nobody here.
  const revocations =
    database === "available" ? await store.countRevocations() : { kind: database };
  const detail = {
    checks: { database },
    waiting: {
      writes: owed.count,
      revocations: revocations.kind === "counted" ? revocations.count : null,
    },
  };
  return database === "available"
    ? Response.json({ status: "ready", ...detail })
    : Response.json({ status: "unavailable", ...detail }, { status: 503 });
}

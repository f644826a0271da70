/** Readiness: what has to work before requests are sent here. Nothing but the process itself, so far. */
export function loader() {
  return Response.json({ status: "ready", checks: {} });
}

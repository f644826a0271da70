/** Liveness: this process answers. Asks nothing of anybody. */
export function loader() {
  return Response.json({ status: "ok" });
}

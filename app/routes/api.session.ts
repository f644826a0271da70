import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { readSession } from "../auth/read-session.server";
import type { RequestContext } from "../auth/request-context.server";
import { getUser } from "../auth/require-user.server";

/** What the browser may know of its session. Reading is no use of it (CS-06). */
export async function loader({ request, context }: LoaderFunctionArgs) {
  if (isFromAnotherSite(request)) {
    context.log.warn("authz_fail", { cause: "cross_site" });
    return Response.json({ error: "cross_site" }, { status: 403 });
  }
  return report(context);
}

/** "Stay signed in": the same answer, and a use, which moves the idle limit. */
export async function action({ context }: ActionFunctionArgs) {
  await getUser({ context });
  // What is said to last longer has to be so.
  await context.session.confirm();
  return report(context);
}

async function report(context: RequestContext): Promise<Response> {
  const { report, final } = await readSession(context);
  return Response.json(report, {
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      // The browser counts what is left by the clock that made the times, not by its own.
      Date: new Date(context.app.clock.now()).toUTCString(),
      // Tells "you can stay" from "you will have to sign in again" (a boolean of RFC 9651).
      "Session-Final": final ? "?1" : "?0",
    },
  });
}

/** Nobody else has a reason to ask, not even without being able to read the answer (CS-04). */
function isFromAnotherSite(request: Request): boolean {
  const site = request.headers.get("Sec-Fetch-Site");
  return site === "cross-site" || site === "same-site";
}

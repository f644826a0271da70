import type { LoaderFunctionArgs } from "@remix-run/node";
import { googleUnavailable } from "../auth/google-unavailable.server";
import { methodNotAllowed } from "../auth/method-not-allowed.server";

const RETRY_MS = 5000;

/**
 * For other clients with a Google access token of ours, in RFC 6750's words. Cookies don't count
 * here, so that no page can ask in somebody's name.
 */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const bearer = await context.app.readBearerUser(request.headers.get("Authorization"));
  switch (bearer.kind) {
    case "known":
      return Response.json(bearer.user);
    case "no_token":
      return refuse("unauthenticated", "Bearer");
    case "invalid_token":
      return refuse("invalid_token", 'Bearer error="invalid_token"');
    case "unavailable":
      return googleUnavailable(RETRY_MS);
  }
}

export function action() {
  throw methodNotAllowed();
}

function refuse(error: string, challenge: string): Response {
  return Response.json({ error }, { status: 401, headers: { "WWW-Authenticate": challenge } });
}

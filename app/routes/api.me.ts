import type { LoaderFunctionArgs } from "@remix-run/node";

/**
 * For other clients with a Google access token of ours, in RFC 6750's words. Cookies don't count
 * here, so that no page can ask in somebody's name.
 */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { app, clientAddress, log } = context;
  const bearer = await app.readBearerUser(request.headers.get("Authorization"), clientAddress);
  switch (bearer.kind) {
    case "known":
      return Response.json(bearer.user);
    case "no_token":
      log.warn("authz_fail", { cause: bearer.kind });
      return refuse("unauthenticated", "Bearer");
    case "invalid_token":
      log.warn("authz_fail", { cause: bearer.cause });
      return refuse("invalid_token", 'Bearer error="invalid_token"');
    case "limited":
      context.log.warn("excess_rate_limit_exceeded", { limited: "refused_token" });
      return Response.json(
        { error: "rate_limited" },
        { status: 429, headers: { "Retry-After": String(Math.ceil(bearer.waitMs / 1000)) } },
      );
    case "unavailable":
      return Response.json(
        { error: "google_unavailable" },
        { status: 503, headers: { "Retry-After": "5" } },
      );
  }
}

function refuse(error: string, challenge: string): Response {
  return Response.json({ error }, { status: 401, headers: { "WWW-Authenticate": challenge } });
}

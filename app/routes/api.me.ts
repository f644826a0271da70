import type { LoaderFunctionArgs } from "@remix-run/node";
import { googleUnavailable, retryAfterHeader } from "../auth/access/google-unavailable.server";

const RETRY_MS = 5000;

/**
 * For other clients with a Google access token of ours, in RFC 6750's words. Cookies don’t count
 * here, so that no page can ask in somebody’s name.
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
      log.warn("excess_rate_limit_exceeded", { limited: "refused_token" });
      return Response.json(
        { error: "rate_limited" },
        { status: 429, headers: retryAfterHeader(bearer.waitMs) },
      );
    case "unavailable":
      return googleUnavailable(RETRY_MS);
  }
}

function refuse(error: string, challenge: string): Response {
  return Response.json({ error }, { status: 401, headers: { "WWW-Authenticate": challenge } });
}

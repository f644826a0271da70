import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/**
 * Headers that every answer carries. Answers of the sign-in addresses get `no-referrer`, since those
 * addresses may hold a code (RFC 9700 4.2.4).
 */
export function securityHeaders(secure: boolean): MiddlewareHandler {
  const common = {
    strictTransportSecurity: secure ? "max-age=31536000; includeSubDomains" : false,
    xFrameOptions: "DENY",
    xXssProtection: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
  } as const;
  const pages = secureHeaders({ ...common, referrerPolicy: "strict-origin-when-cross-origin" });
  const signIn = secureHeaders({ ...common, referrerPolicy: "no-referrer" });
  return (context, next) => (context.req.path.startsWith("/auth/") ? signIn : pages)(context, next);
}

import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { type Random, randomId } from "../config/random.server";
import type { Settings } from "../config/settings.server";
import type { PipelineEnv } from "./pipeline-env";

/**
 * Headers that every answer carries. Answers of the sign-in addresses get `no-referrer`, since those
 * addresses may hold a code (RFC 9700 4.2.4).
 */
export function securityHeaders(
  settings: Settings,
  random: Random,
): MiddlewareHandler<PipelineEnv> {
  const secure = settings.appOrigin.startsWith("https:");
  const common = {
    strictTransportSecurity: secure ? "max-age=31536000; includeSubDomains" : false,
    xFrameOptions: "DENY",
    xXssProtection: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
  } as const;
  const pages = secureHeaders({ ...common, referrerPolicy: "strict-origin-when-cross-origin" });
  const signIn = secureHeaders({ ...common, referrerPolicy: "no-referrer" });
  // Vite's dev server injects styles and a client of its own, which no strict policy lets through.
  const policy = settings.mode === "production" ? contentSecurityPolicy(settings) : null;

  return async (context, next) => {
    const nonce = randomId(random);
    context.set("nonce", nonce);
    const step = context.req.path.startsWith("/auth/") ? signIn : pages;
    const answer = await step(context, next);
    // An answer that is forwarded has a stricter one.
    const has = context.res.headers.has("Content-Security-Policy");
    if (policy && !has) context.res.headers.set("Content-Security-Policy", policy(nonce));
    return answer;
  };
}

/**
 * `form-action` names Google: Chrome and Safari apply it to redirects of a form too
 * (w3c/webappsec-csp#8), and the sign-in form ends there.
 */
function contentSecurityPolicy(settings: Settings): (nonce: string) => string {
  const google = new URL(settings.google.issuer).origin;
  return (nonce) =>
    [
      "default-src 'self'",
      `script-src 'self' 'nonce-${nonce}'`,
      "style-src 'self'",
      "img-src 'self' https://*.googleusercontent.com https://*.ggpht.com",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      `form-action 'self' ${google}`,
    ].join("; ");
}

import type { KoaContextWithOIDC } from "oidc-provider";

/** Errors of Google’s APIs, by the `reason` they give. */
const ERRORS = {
  authError: {
    code: 401,
    status: "UNAUTHENTICATED",
    message: "Request had invalid authentication credentials.",
  },
  insufficientPermissions: {
    code: 403,
    status: "PERMISSION_DENIED",
    message: "Request had insufficient authentication scopes.",
  },
  forbidden: { code: 403, status: "PERMISSION_DENIED", message: "Forbidden" },
  rateLimitExceeded: { code: 403, status: "PERMISSION_DENIED", message: "Rate Limit Exceeded" },
  tooManyRequests: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Rate Limit Exceeded" },
  backendError: { code: 503, status: "UNAVAILABLE", message: "Backend Error" },
  badRequest: { code: 400, status: "INVALID_ARGUMENT", message: "Bad Request" },
  duplicate: {
    code: 409,
    status: "ALREADY_EXISTS",
    message: "The requested identifier already exists.",
  },
} as const;

export type ApiErrorReason = keyof typeof ERRORS;

/** Answers in the JSON form of Google’s APIs: https://developers.google.com/workspace/calendar/api/guides/errors */
export function answerApiError(ctx: KoaContextWithOIDC, reason: ApiErrorReason): void {
  const { code, status, message } = ERRORS[reason];
  const scope = reason === "insufficientPermissions";
  ctx.status = code;
  ctx.body = {
    error: {
      code,
      message,
      errors: [{ message, domain: "global", reason: code === 429 ? "rateLimitExceeded" : reason }],
      status,
      ...(scope
        ? {
            details: [
              {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                domain: "googleapis.com",
              },
            ],
          }
        : {}),
    },
  };
  if (code === 401) ctx.set("WWW-Authenticate", 'Bearer realm="Google", error="invalid_token"');
  if (scope) ctx.set("WWW-Authenticate", 'Bearer realm="Google", error="insufficient_scope"');
}

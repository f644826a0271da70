import type { KoaContextWithOIDC } from "oidc-provider";
import type { Call, Endpoint } from "./call-log";
import type { GoogleState } from "./google-state";
import { bodyOf } from "./request-body";

/** Query and form fields as sent. */
export function paramsOf(ctx: KoaContextWithOIDC): Record<string, string> {
  const form = ctx.is("application/x-www-form-urlencoded") ? bodyOf(ctx.req).toString() : "";
  return Object.fromEntries([
    ...new URLSearchParams(ctx.querystring),
    ...new URLSearchParams(form),
  ]);
}

function clientAuth(
  ctx: KoaContextWithOIDC,
  params: Record<string, string>,
): NonNullable<Call["clientAuth"]> {
  if (/^basic /i.test(ctx.get("authorization"))) return "basic";
  return params.client_secret ? "post" : "none";
}

/** Writes a request down as it arrives. What it returns adds the answer’s status. */
export function recordCall(
  state: GoogleState,
  endpoint: Endpoint,
  ctx: KoaContextWithOIDC,
): () => void {
  const params = paramsOf(ctx);
  const grantType = params.grant_type;
  const call = state.calls.add({
    endpoint,
    method: ctx.method,
    at: state.clock.now(),
    ...(grantType === undefined ? {} : { grantType }),
    ...(endpoint === "token" || endpoint === "revoke"
      ? { clientAuth: clientAuth(ctx, params) }
      : {}),
    ...(ctx.req.socket.remotePort === undefined ? {} : { fromPort: ctx.req.socket.remotePort }),
    params,
  });
  return () => {
    // Nothing was answered where the connection was cut.
    if (ctx.respond !== false) call.status = ctx.status;
  };
}

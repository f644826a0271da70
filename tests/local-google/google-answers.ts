import type { KoaContextWithOIDC } from "oidc-provider";
import { PATHS } from "./call-log";
import type { GoogleState } from "./google-state";
import { longNames, splitScope } from "./scopes";

export type JsonObject = Record<string, unknown>;

/** Gives the answers of oidc-provider the shape of Google’s. */
export function likeGoogle(state: GoogleState, ctx: KoaContextWithOIDC): void {
  switch (ctx.path) {
    case PATHS.token:
      ctx.body = tokenAnswer(state, ctx, ctx.body as JsonObject);
      break;
    case PATHS.jwks:
      ctx.type = "application/json; charset=utf-8";
      ctx.set(
        "Cache-Control",
        `public, max-age=${state.settings.jwksMaxAge}, must-revalidate, no-transform`,
      );
      break;
    case PATHS.discovery:
      ctx.set("Cache-Control", "public, max-age=3600");
      ctx.body = discovery(state, ctx.body as JsonObject);
      break;
  }
}

/** `/.well-known/risc-configuration`, with the slash that Google puts at its issuer’s end there. */
export function riscConfiguration({ issuer }: GoogleState, ctx: KoaContextWithOIDC): void {
  ctx.set("Cache-Control", "public, max-age=3600");
  ctx.body = {
    issuer: `${issuer}/`,
    jwks_uri: issuer + PATHS.jwks,
    delivery_methods_supported: ["https://schemas.openid.net/secevent/risc/delivery-method/push"],
  };
}

function tokenAnswer(state: GoogleState, ctx: KoaContextWithOIDC, body: JsonObject): JsonObject {
  const refreshing = ctx.oidc?.params?.grant_type === "refresh_token";
  if (body.error === "invalid_grant") {
    const description = refreshing ? "Token has been expired or revoked." : "Bad Request";
    return { error: "invalid_grant", error_description: description };
  }
  if (body.access_token === undefined) return body;
  const answer: JsonObject = { ...body, scope: longNames(splitScope(body.scope)).join(" ") };
  if (refreshing) {
    state.store.refreshTokenUsed(String(body.refresh_token));
    // Google sends a refresh token again only where it is a new one.
    if (!ctx.oidc.entities.RotatedRefreshToken) delete answer.refresh_token;
    if (!state.settings.idTokenOnRefresh) delete answer.id_token;
  }
  return answer;
}

function discovery({ issuer }: GoogleState, body: JsonObject): JsonObject {
  return {
    issuer,
    authorization_endpoint: issuer + PATHS.authorize,
    token_endpoint: issuer + PATHS.token,
    userinfo_endpoint: issuer + PATHS.userinfo,
    revocation_endpoint: issuer + PATHS.revoke,
    tokeninfo_endpoint: issuer + PATHS.tokeninfo,
    jwks_uri: issuer + PATHS.jwks,
    response_types_supported: ["code"],
    response_modes_supported: body.response_modes_supported,
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "email", "profile"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    claims_supported: [
      ...["aud", "azp", "email", "email_verified", "exp", "family_name", "given_name"],
      ...["hd", "iat", "iss", "name", "picture", "sub"],
    ],
    code_challenge_methods_supported: ["S256"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    authorization_response_iss_parameter_supported: true,
  };
}

import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import type { GoogleState } from "./google-state";
import { longNames, splitScope } from "./scopes";

type Params = Record<string, string>;

/** Google’s own revocation: no client authentication, and all that the project holds of the person. */
export async function revoke(
  provider: Provider,
  state: GoogleState,
  ctx: KoaContextWithOIDC,
  params: Params,
): Promise<void> {
  const value = params.token ?? "";
  const token =
    (await provider.RefreshToken.find(value)) ?? (await provider.AccessToken.find(value));
  if (!token?.accountId || ("consumed" in token && token.consumed)) {
    return refuse(ctx, "Token expired or revoked");
  }
  state.store.revoke(token.accountId);
  ctx.status = 200;
  ctx.body = {};
}

export async function tokenInfo(
  provider: Provider,
  state: GoogleState,
  ctx: KoaContextWithOIDC,
  params: Params,
): Promise<void> {
  const token = await provider.AccessToken.find(params.access_token ?? "");
  const account = state.accounts.find(token?.accountId);
  if (!token || !account) return refuse(ctx, "Invalid Value");
  const scopes = longNames(splitScope(token.scope));
  const emailKnown = scopes.some((scope) => scope.endsWith("/userinfo.email"));
  // All values are strings at Google, numbers and booleans too.
  ctx.body = {
    azp: state.clientId,
    aud: state.clientId,
    sub: account.sub,
    scope: scopes.join(" "),
    exp: String(token.exp),
    expires_in: String(token.remainingTTL),
    ...(emailKnown ? { email: account.email, email_verified: String(account.email_verified) } : {}),
    access_type: "offline",
  };
}

function refuse(ctx: KoaContextWithOIDC, description: string): void {
  ctx.status = 400;
  ctx.body = { error: "invalid_token", error_description: description };
}

import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import type { GoogleState } from "./google-state";
import { everyName, longNames, splitScope } from "./scopes";

/**
 * What an answered authorization request is worth: which scopes its code carries, and whether the
 * code may be exchanged for a refresh token.
 */
export function rememberConsent(provider: Provider, state: GoogleState): void {
  provider.on("authorization.accepted", (ctx) => {
    const { params } = ctx.oidc;
    if (!params) return;
    const granted = new Set(longNames(splitScope(ctx.oidc.grant?.getOIDCScope())));
    const ticked = tickedScopes(ctx);
    const asked = longNames(splitScope(params.scope)).filter(
      (scope) => granted.has(scope) && (ticked?.has(scope) ?? true),
    );
    const merged = params.include_granted_scopes === "true" ? granted : [];
    params.scope = [...new Set([...asked, ...merged])].join(" ");
  });

  provider.on("authorization.success", (ctx, response) => {
    const { params, account, result } = ctx.oidc;
    if (!response || !params) return;
    if (params.access_type === "offline" && result?.consent) {
      state.codesWithOfflineAccess.add(String(response.code));
    }
    const hd = state.accounts.find(account?.accountId)?.hd;
    Object.assign(response, {
      scope: everyName(splitScope(params.scope)).join(" "),
      authuser: "0",
      ...(hd === undefined ? {} : { hd }),
      prompt: result?.consent ? "consent" : "none",
    });
  });
}

function tickedScopes(ctx: KoaContextWithOIDC): Set<string> | undefined {
  const scopes = ctx.oidc.result?.consent?.scopes;
  return Array.isArray(scopes) ? new Set(scopes.map(String)) : undefined;
}

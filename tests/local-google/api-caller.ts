import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import type { Account } from "./accounts";
import { answerApiError } from "./api-errors";
import type { GoogleState } from "./google-state";
import { splitScope } from "./scopes";

/**
 * Whose token came with a call of an API, if it has one of the scopes that are needed; otherwise
 * undefined, and the call is answered as Google’s APIs do.
 */
export async function apiCaller(
  provider: Provider,
  state: GoogleState,
  ctx: KoaContextWithOIDC,
  needed: readonly string[],
): Promise<Account | undefined> {
  const bearer = /^Bearer (.+)$/i.exec(ctx.get("authorization"))?.[1] ?? "";
  const token = await provider.AccessToken.find(bearer);
  const account = state.accounts.find(token?.accountId);
  if (!token || !account) {
    answerApiError(ctx, "authError");
    return undefined;
  }
  const scopes = splitScope(token.scope);
  if (needed.some((scope) => scopes.includes(scope))) return account;
  answerApiError(ctx, "insufficientPermissions");
  return undefined;
}

import type { interactionPolicy, KoaContextWithOIDC } from "oidc-provider";
import type { GoogleState } from "./google-state";
import type { ProviderModules } from "./load-provider";
import { longNames, splitScope } from "./scopes";

export const ACCOUNT_PROMPT = "select_account";
export const CONSENT_PROMPT = "consent";

/** When Google shows its account chooser and its consent page, in oidc-provider’s terms. */
export function signInPolicy(
  state: GoogleState,
  { Prompt, Check }: ProviderModules,
): interactionPolicy.Prompt[] {
  const hinted = (ctx: KoaContextWithOIDC) =>
    state.accounts.find(ctx.oidc.params?.login_hint as string | undefined);

  return [
    new Prompt(
      { name: ACCOUNT_PROMPT, requestable: true },
      new Check("no_session", "nobody is signed in here", "login_required", (ctx) => {
        return ctx.oidc.account === undefined;
      }),
      new Check("other_account", "the hint is another account", "interaction_required", (ctx) => {
        if (ctx.oidc.result?.login) return false;
        const hint = hinted(ctx);
        return hint !== undefined && hint.sub !== ctx.oidc.account?.accountId;
      }),
    ),
    new Prompt(
      { name: CONSENT_PROMPT, requestable: true },
      new Check("scope_missing", "a scope was not granted before", "consent_required", (ctx) => {
        if (ctx.oidc.result?.consent) return false;
        const granted = new Set(longNames(splitScope(ctx.oidc.grant?.getOIDCScope())));
        const asked = longNames(splitScope(ctx.oidc.params?.scope));
        return asked.some((scope) => !granted.has(scope));
      }),
    ),
  ];
}

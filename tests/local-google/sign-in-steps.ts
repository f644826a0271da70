import type { Interaction, KoaContextWithOIDC, Provider } from "oidc-provider";
import { BRAND } from "../../app/brand/brand";
import type { GoogleState } from "./google-state";
import { chooserPage, consentPage, errorPage, PAGE_HEADERS } from "./pages";
import { bodyOf } from "./request-body";
import { everyName, isFeature, longNames, splitScope } from "./scopes";
import { ACCOUNT_PROMPT } from "./sign-in-policy";

/** Answers the account chooser and the consent page: GET shows, POST decides. */
export async function signInStep(
  provider: Provider,
  state: GoogleState,
  ctx: KoaContextWithOIDC,
): Promise<void> {
  ctx.set(PAGE_HEADERS);
  let interaction: Interaction;
  try {
    interaction = await provider.interactionDetails(ctx.req, ctx.res);
  } catch (error) {
    ctx.status = 400;
    ctx.type = "html";
    ctx.body = errorPage("invalid_request", (error as Error).message);
    return;
  }
  if (ctx.method === "POST") return decide(provider, state, ctx, interaction);

  const hint = hintedAccount(state, interaction);
  if (hint) return chooseAccount(provider, ctx, interaction, hint);
  ctx.type = "html";
  ctx.body = show(state, interaction);
}

function show(state: GoogleState, interaction: Interaction): string {
  if (interaction.prompt.name === ACCOUNT_PROMPT)
    return chooserPage(state.accounts.list(), BRAND.name);
  const account = state.accounts.find(interaction.session?.accountId);
  if (!account) return errorPage("invalid_request", "This account is gone.");
  return consentPage(account, BRAND.name, longNames(splitScope(interaction.params.scope)));
}

// A hint goes straight to that account, unless the app asked for the chooser itself.
function hintedAccount(state: GoogleState, interaction: Interaction): string | undefined {
  if (interaction.prompt.name !== ACCOUNT_PROMPT) return undefined;
  if (splitScope(interaction.params.prompt).includes(ACCOUNT_PROMPT)) return undefined;
  return state.accounts.find(interaction.params.login_hint as string | undefined)?.sub;
}

async function decide(
  provider: Provider,
  state: GoogleState,
  ctx: KoaContextWithOIDC,
  interaction: Interaction,
): Promise<void> {
  const form = new URLSearchParams(bodyOf(ctx.req).toString());
  const account = state.accounts.find(form.get("account") ?? undefined);
  if (form.get("decision") === "cancel") {
    return finish(ctx, interaction, {
      error: "access_denied",
      error_description: "The user denied the request",
    });
  }
  if (interaction.prompt.name === ACCOUNT_PROMPT && account) {
    return chooseAccount(provider, ctx, interaction, account.sub);
  }
  if (interaction.prompt.name !== ACCOUNT_PROMPT && form.get("decision") === "allow") {
    return allow(provider, state, ctx, interaction, form.getAll("scope"));
  }
  ctx.type = "html";
  ctx.body = show(state, interaction);
}

async function chooseAccount(
  provider: Provider,
  ctx: KoaContextWithOIDC,
  interaction: Interaction,
  sub: string,
): Promise<void> {
  // oidc-provider would ask to sign out first where a browser changes the account. Google keeps
  // several people signed in and just goes on with the other one.
  const session = await provider.Session.get(ctx as Parameters<typeof provider.Session.get>[0]);
  if (session.accountId !== undefined && session.accountId !== sub) {
    session.accountId = sub;
    session.authorizations = {};
    await session.persist();
    if (interaction.session) interaction.session.accountId = sub;
  }
  await finish(ctx, interaction, { login: { accountId: sub }, [ACCOUNT_PROMPT]: {} });
}

async function allow(
  provider: Provider,
  state: GoogleState,
  ctx: KoaContextWithOIDC,
  interaction: Interaction,
  ticked: string[],
): Promise<void> {
  const accountId = interaction.session?.accountId ?? "";
  const asked = longNames(splitScope(interaction.params.scope));
  const scopes = asked.filter((scope) => !isFeature(scope) || ticked.includes(scope));
  const known = state.store.grantOf(accountId, state.clientId);
  const grant =
    (known && (await provider.Grant.find(known.id))) ??
    new provider.Grant({ accountId, clientId: state.clientId });
  grant.addOIDCScope(everyName(scopes));
  const grantId = await grant.save();
  await finish(ctx, interaction, { consent: { grantId, scopes } });
}

async function finish(
  ctx: KoaContextWithOIDC,
  interaction: Interaction,
  result: NonNullable<Interaction["result"]>,
): Promise<void> {
  interaction.result = "error" in result ? result : { ...interaction.lastSubmission, ...result };
  await interaction.persist();
  ctx.status = 303;
  ctx.redirect(interaction.returnTo);
}

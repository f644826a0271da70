import type { Configuration, KoaContextWithOIDC } from "oidc-provider";
import { PATHS } from "./call-log";
import { TEACH_IT } from "./features";
import type { GoogleState } from "./google-state";
import type { ProviderModules } from "./load-provider";
import { errorPage } from "./pages";
import { CLAIMS_OF_SCOPES, KNOWN_SCOPES, splitScope } from "./scopes";
import { signInPolicy } from "./sign-in-policy";

const DAY = 24 * 3600;
const FOREVER = 20 * 365 * DAY;

export function providerConfiguration(state: GoogleState, modules: ProviderModules): Configuration {
  const accessTokenSeconds = () => state.settings.accessTokenSeconds;
  const { port } = new URL(state.issuer);
  return {
    adapter: state.store.adapter,
    jwks: { keys: state.keys.list() },
    scopes: KNOWN_SCOPES,
    claims: CLAIMS_OF_SCOPES,
    conformIdTokenClaims: false,
    responseTypes: ["code"],
    clientAuthMethods: ["client_secret_post", "client_secret_basic"],
    enabledJWA: { idTokenSigningAlgValues: ["RS256"] },
    pkce: { required: () => false },
    clientBasedCORS: () => false,
    expiresWithSession: () => false,
    routes: {
      authorization: PATHS.authorize,
      token: PATHS.token,
      userinfo: PATHS.userinfo,
      jwks: PATHS.jwks,
    },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      dPoP: { enabled: false },
    },
    // Cookies ignore ports: these share localhost with the app’s, and with another local Google’s.
    cookies: {
      keys: [state.clientSecret],
      names: {
        session: `localgoogle_${port}_session`,
        interaction: `localgoogle_${port}_interaction`,
        resume: `localgoogle_${port}_resume`,
      },
      long: { signed: true },
      short: { signed: true },
    },
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 600,
      Grant: FOREVER,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 182 * DAY,
      Session: 400 * DAY,
    },
    interactions: {
      policy: signInPolicy(state, modules),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    extraParams: {
      access_type: (ctx) => refuseUnknownScopes(state, ctx, modules),
      include_granted_scopes: null,
    },
    findAccount: (ctx, sub) => findAccount(state, ctx, sub),
    loadExistingGrant: async (ctx) => {
      const { account, client } = ctx.oidc;
      const grant = account && client && state.store.grantOf(account.accountId, client.clientId);
      return grant ? ctx.oidc.provider.Grant.find(grant.id) : undefined;
    },
    issueRefreshToken: async (_ctx, _client, code) =>
      !state.settings.withholdRefreshTokens && state.codesWithOfflineAccess.has(code.jti),
    // See `revokeByGrantId` in store.ts.
    revokeGrantPolicy: () => false,
    rotateRefreshToken: () => state.settings.rotateRefreshTokens,
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = errorPage(out.error, out.error_description);
    },
  };
}

// oidc-provider passes over scopes that it does not know. Google refuses them on a page of its own.
function refuseUnknownScopes(
  state: GoogleState,
  ctx: KoaContextWithOIDC,
  { InvalidScope }: ProviderModules,
): void {
  // As sent: `offline_access`, unknown to Google, has been dropped from the parsed one.
  const unknown = splitScope(ctx.query.scope).filter((scope) => !KNOWN_SCOPES.includes(scope));
  if (unknown.length === 0) return;
  const description = `The local Google doesn’t know the scope ${unknown.join(" ")}. ${TEACH_IT}`;
  state.tell(description);
  const error = new InvalidScope(description, unknown.join(" "));
  error.allow_redirect = false;
  throw error;
}

function findAccount(state: GoogleState, ctx: KoaContextWithOIDC, sub: string) {
  const account = state.accounts.find(sub);
  if (!account) return undefined;
  return {
    accountId: account.sub,
    claims: (use: string) => {
      if (use !== "id_token") return account;
      // oidc-provider hashes an `at_hash` that it is given in the clear.
      const accessToken = ctx.oidc.entities.AccessToken?.jti;
      return { ...account, azp: state.clientId, at_hash: accessToken };
    },
  };
}

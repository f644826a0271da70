import type { IncomingMessage, ServerResponse } from "node:http";
import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import { calendarApi } from "./calendar-api";
import { endpointOf } from "./call-log";
import { rememberConsent } from "./consent-memory";
import type { Control } from "./control";
import { controlOverHttp } from "./control-over-http";
import { answerWithFaults } from "./fault-answers";
import { likeGoogle, riscConfiguration } from "./google-answers";
import type { GoogleState } from "./google-state";
import type { ProviderModules } from "./load-provider";
import { portrait } from "./portrait";
import { providerConfiguration } from "./provider-configuration";
import { paramsOf, recordCall } from "./recorded-call";
import { signInStep } from "./sign-in-steps";
import { stubApi, unknownApi } from "./stub-api";
import { revoke, tokenInfo } from "./token-endpoints";
import { newTokenValue, type TokenKind } from "./token-values";

const CLIENT_GONE = ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"];

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** An oidc-provider with everything around it that makes it look like Google. */
export function googleApp(
  state: GoogleState,
  control: () => Control,
  modules: ProviderModules,
): RequestHandler {
  const provider = new modules.Provider(state.issuer, providerConfiguration(state, modules));
  issueCanaryTokens(provider, state);
  rememberConsent(provider, state);
  // Without a listener Koa prints to the console. A client that went away is no error of ours.
  provider.on("error" as "server_error", (...args: unknown[]) => {
    const error = args[0] as NodeJS.ErrnoException;
    if (!CLIENT_GONE.includes(error.code ?? "")) state.errors.push(error);
  });
  provider.on("server_error", (_ctx, error) => state.errors.push(error));

  provider.use(async (context, next) => {
    const ctx = context as KoaContextWithOIDC;
    if (ctx.path.startsWith("/_local/")) return controlOverHttp(state, control(), ctx);
    if (ctx.path.startsWith("/interaction/")) return signInStep(provider, state, ctx);
    if (ctx.path.startsWith("/picture/")) return showPicture(state, ctx);
    const endpoint = endpointOf(ctx.path);
    if (!endpoint && ctx.get("authorization")) return unknownApi(state, ctx);
    if (!endpoint) return redirectsToApp(state, ctx, next);

    const finished = recordCall(state, endpoint, ctx);
    await answerWithFaults(state, endpoint, ctx, async () => {
      if (endpoint === "revoke") return revoke(provider, state, ctx, paramsOf(ctx));
      if (endpoint === "tokeninfo") return tokenInfo(provider, state, ctx, paramsOf(ctx));
      if (endpoint === "calendar") return calendarApi(provider, state, ctx);
      if (endpoint === "api") return stubApi(provider, state, ctx);
      if (endpoint === "risc") return riscConfiguration(state, ctx);
      if (endpoint === "authorize") return redirectsToApp(state, ctx, next);
      await next();
      likeGoogle(state, ctx);
    });
    finished();
  });
  return provider.callback() as RequestHandler;
}

function showPicture(state: GoogleState, ctx: KoaContextWithOIDC): void {
  const account = state.accounts.find(ctx.path.slice("/picture/".length));
  if (!account) return;
  ctx.body = portrait(account.name);
  ctx.type = "image/svg+xml";
}

type TokenIdMaker = { generateTokenId(): string };

function issueCanaryTokens(provider: Provider, state: GoogleState): void {
  const kinds: TokenKind[] = ["AccessToken", "RefreshToken", "AuthorizationCode"];
  for (const kind of kinds) {
    const { prototype } = provider[kind] as unknown as { prototype: TokenIdMaker };
    const original = prototype.generateTokenId;
    prototype.generateTokenId = function (this: TokenIdMaker) {
      original.call(this); // it also settles the token’s format
      return newTokenValue(kind, state.settings.tokenSizes);
    };
  }
}

// The redirect back to the app may leave from the authorization endpoint or from its second leg,
// after the pages. Both pass here, for the faults that edit it.
async function redirectsToApp(
  state: GoogleState,
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  const location: string | undefined = ctx.response.get("location");
  if (!location?.startsWith("http")) return;
  const url = new URL(location);
  if (!state.redirectUris.has(url.origin + url.pathname)) return;
  state.faults.editCallback(url);
  ctx.set("Location", url.href);
  ctx.remove("Content-Type");
  ctx.body = "";
}

import type { KoaContextWithOIDC } from "oidc-provider";
import type { Account, NewAccount } from "./accounts";
import type { Endpoint } from "./call-log";
import type { Control } from "./control";
import type { Fault } from "./faults";
import type { JsonObject } from "./google-answers";
import type { GoogleState } from "./google-state";
import { bodyOf } from "./request-body";
import type { SecurityEventOrder } from "./security-event-tokens";
import type { TokenSizes } from "./settings";

const who = (order: JsonObject) => String(order.sub ?? order.email);

const ACTIONS: Record<string, (control: Control, order: JsonObject) => unknown> = {
  accounts: (control) => control.accounts(),
  addAccount: (control, order) => control.addAccount(order.account as NewAccount),
  changeAccount: (control, order) =>
    control.changeAccount(who(order), order.changes as Partial<Account>),
  removeAccount: (control, order) => control.removeAccount(who(order)),
  calendarEvents: (control, order) => control.calendarEvents(who(order)),
  setCalendar: (control, order) =>
    control.setCalendar(who(order), order.calendar as Parameters<Control["setCalendar"]>[1]),
  revokeGrant: (control, order) => control.revokeGrant(who(order)),
  setGrantedScopes: (control, order) =>
    control.setGrantedScopes(who(order), order.scopes as string[]),
  setTokenSizes: (control, order) => control.setTokenSizes(order.sizes as TokenSizes),
  setAccessTokenSeconds: (control, order) => control.setAccessTokenSeconds(Number(order.seconds)),
  rotateRefreshTokens: (control, order) => control.rotateRefreshTokens(order.on === true),
  withholdRefreshTokens: (control, order) => control.withholdRefreshTokens(order.on === true),
  sendIdTokenOnRefresh: (control, order) => control.sendIdTokenOnRefresh(order.on === true),
  setRefreshTokenLimit: (control, order) => control.setRefreshTokenLimit(Number(order.limit)),
  liveRefreshTokens: (control, order) =>
    control.liveRefreshTokens(order.sub === undefined ? undefined : who(order)),
  rotateKeys: (control) => control.rotateKeys(),
  setJwksMaxAge: (control, order) => control.setJwksMaxAge(Number(order.seconds)),
  setDateSkew: (control, order) => control.setDateSkew(Number(order.ms)),
  sendSecurityEvent: (control, order) =>
    control.sendSecurityEvent(order.event as SecurityEventOrder),
  errors: (control) => control.errors().map(String),
  reset: (control) => control.reset(),
};

/**
 * `/_local/…`: the same calls, faults and control for whoever is in another process of this machine.
 * For no page of another origin, though it runs on this machine too, nor by a name that somebody else
 * has made lead here (DNS rebinding).
 */
export async function controlOverHttp(
  state: GoogleState,
  control: Control,
  ctx: KoaContextWithOIDC,
): Promise<void> {
  if (!isFromHere(ctx, state.issuer)) {
    ctx.status = 403;
    ctx.body = { ok: false, error: `Only for this machine, at ${state.issuer}, and for no page.` };
    return;
  }
  const order = JSON.parse(bodyOf(ctx.req).toString() || "{}") as JsonObject;
  const endpoint = (order.endpoint ?? ctx.query.endpoint) as Endpoint | undefined;
  ctx.status = 200;
  ctx.body = { ok: true };
  switch (`${ctx.method} ${ctx.path}`) {
    case "GET /_local/calls":
      ctx.body = state.calls.list(endpoint);
      break;
    case "DELETE /_local/calls":
      state.calls.clear();
      break;
    case "POST /_local/faults": {
      const times = order.times;
      const options = typeof times === "number" ? { times } : {};
      if (endpoint) state.faults.set(endpoint, order.fault as Fault, options);
      break;
    }
    case "DELETE /_local/faults":
      state.faults.clear(endpoint);
      break;
    case "POST /_local/faults/release":
      state.faults.release();
      break;
    case "POST /_local/control": {
      const action = ACTIONS[String(order.action)];
      if (action) ctx.body = { ok: true, result: (await action(control, order)) ?? null };
      else unknown(ctx);
      break;
    }
    case "POST /_local/redirect-uris":
      state.redirectUris.add(String(order.uri));
      break;
    default:
      unknown(ctx);
  }
}

function isFromHere(ctx: KoaContextWithOIDC, issuer: string): boolean {
  const { port } = new URL(issuer);
  const names = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port}`);
  const origin = ctx.get("Origin");
  const site = ctx.get("Sec-Fetch-Site");
  return (
    /^(::1|(::ffff:)?127\..*)$/.test(ctx.req.socket.remoteAddress ?? "") &&
    names.includes(ctx.get("Host").toLowerCase()) &&
    (origin === "" || origin === issuer) &&
    (site === "" || site === "none" || site === "same-origin")
  );
}

function unknown(ctx: KoaContextWithOIDC): void {
  ctx.status = 404;
  ctx.body = { ok: false, actions: Object.keys(ACTIONS) };
}

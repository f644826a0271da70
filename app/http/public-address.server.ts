import type { Context } from "hono";
import { nodeOf } from "./node-bindings";

const READ_METHODS = new Set(["GET", "HEAD"]);
/** Asked for by proxies and other machines at whatever host they know. They set no cookie and tell no secret. */
export const HEALTH_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);
/** Visible characters only, so that it can stand in a header. */
const PLAIN_TARGET = /^\/[\x21-\x7e]*$/;

/** Whether a person’s browser asks for something to show: such a request may be led elsewhere. */
export function isPageRead(context: Context): boolean {
  return READ_METHODS.has(context.req.method) && !isApi(new URL(context.req.url).pathname);
}

/** Whether an address is for other programs, which are told instead of led. In any case, as routers read it. */
export function isApi(pathname: string): boolean {
  return pathname.toLowerCase().startsWith("/api/");
}

/** Whether an address is the sign-in’s, which may hold a code. In any case too. */
export function isSignIn(pathname: string): boolean {
  return pathname.toLowerCase().startsWith("/auth/");
}

/** Leads to the same address at `APP_ORIGIN`, its path and query as they came. For no cache. */
export function leadToOrigin(context: Context, appOrigin: string, status: 303 | 308): Response {
  const { pathname, search } = new URL(context.req.url);
  const asCame = nodeOf(context).incoming?.url ?? "";
  const target = PLAIN_TARGET.test(asCame) ? asCame : pathname + search;
  context.header("Cache-Control", "no-store");
  return context.redirect(appOrigin + target, status);
}

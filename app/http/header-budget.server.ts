import type { MiddlewareHandler } from "hono";
import {
  type CookiePolicy,
  deleteCookie,
  parseCookieHeader,
} from "../session/cookie-header.server";
import type { PlainPage } from "./plain-page.server";
import { refuse } from "./refusal.server";

/**
 * What a request's headers may take: the limit of Node, and of common proxies. The app's own cookies
 * take 8 KB at most.
 */
export const HEADER_BUDGET_BYTES = 16_384;
/** What Node reads, so that a request over the budget can be told the way out. Beyond, the socket is told. */
export const MAX_HEADER_BYTES = 65_536;
/** An answer's head has to pass proxies too: 30 deletions are 3.5 KB. */
const DELETIONS = 30;

export const HEADERS_TOO_LARGE: PlainPage = {
  title: "Your browser sent too many cookies",
  message:
    "We have cleared those of this app, so please try again. If you see this again, delete this site’s cookies in your browser’s settings.",
  next: { label: "Try again", to: "/" },
};

/** `Set-Cookie` values that delete the app's own cookies among `names`: the largest, if there are many. */
export function clearOwnCookies(policy: CookiePolicy, cookies: ReadonlyMap<string, string[]>) {
  const size = ([name, values]: [string, string[]]) => name.length + values.join("").length;
  return [...cookies]
    .filter(([name]) => isOwn(policy, name))
    .sort((a, b) => size(b) - size(a))
    .slice(0, DELETIONS)
    .map(([name]) => deleteCookie(policy, name));
}

/** The session and its chunks, sign-ins under way, the hint at who it was. */
function isOwn({ name: own }: CookiePolicy, name: string): boolean {
  return name.startsWith(own) && /^(\.\d+|-[\w-]+)?$/.test(name.slice(own.length));
}

/**
 * Answers 431 to a request whose headers exceed the budget, and clears the app's cookies, so that no
 * browser is locked out by what it has collected (RFC 6585 5, ASVS 4.2.5).
 */
export function headerBudget(policy: CookiePolicy): MiddlewareHandler {
  return async (context, next) => {
    const { method, url, headers } = context.req.raw;
    let bytes = method.length + url.length;
    for (const [name, value] of headers) bytes += name.length + value.length + 4;
    if (bytes <= HEADER_BUDGET_BYTES) return next();
    for (const cookie of clearOwnCookies(policy, parseCookieHeader(headers.get("Cookie")))) {
      context.header("Set-Cookie", cookie, { append: true });
    }
    return refuse(context, 431, "headers_too_large", HEADERS_TOO_LARGE);
  };
}

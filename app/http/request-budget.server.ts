import type { Context, MiddlewareHandler } from "hono";
import { type CookiePolicy, deleteCookie, MAX_DELETIONS } from "../session/cookie-header.server";
import type { PipelineEnv } from "./pipeline-env";
import { type PlainPage, START_PAGE } from "./plain-page.server";
import { notFound, refuse } from "./refusal.server";

/**
 * What a request’s headers may take, its first line among them: the limit of Node, and of common
 * proxies. The app’s own cookies take 8 KB at most.
 */
export const HEADER_BUDGET_BYTES = 16_384;
/** What Node reads, so that a request over the budget can be told the way out. Beyond, the socket is told. */
export const MAX_HEADER_BYTES = 65_536;
/** Browsers keep 180 of one site at most. */
const MAX_COOKIES = 200;
const MAX_PATH_BYTES = 2048;
/** Routers try a path segment by segment, against each route. */
const MAX_SEGMENTS = 64;
/** Remix writes a query anew for each parameter that it takes out. */
const MAX_PARAMETERS = 128;

export const HEADERS_TOO_LARGE: PlainPage = {
  title: "Your browser sent too many cookies",
  message:
    "We have cleared those of this app, so please try again. If you see this again, delete this site’s cookies in your browser’s settings.",
  next: { label: "Try again", to: "/" },
};

/** What is wrong with an address: nothing of it is looked at more closely. */
export type AddressFault = "too_long" | "nowhere" | "malformed";

/**
 * Judges a path before any router sees it, in time that is linear in its length.
 *
 * @returns `too_long` above 2 KB, `nowhere` for more than 64 segments, `malformed` for what no decoder
 *   accepts, else null.
 */
export function pathFault(pathname: string): AddressFault | null {
  if (pathname.length > MAX_PATH_BYTES) return "too_long";
  if (hasMore(pathname, "/", MAX_SEGMENTS)) return "nowhere";
  return isDecodable(pathname) ? null : "malformed";
}

/** Whether a path has `//` in it. Remix would skip the empty segment, in time that grows with the square of many. */
export function hasEmptySegment(pathname: string): boolean {
  return pathname.includes("//");
}

/**
 * Refuses what is more than a request of a browser’s ever is, before anything reads it: an address by
 * 414, 404 or 400, headers and cookies by 431 (RFC 6585 5, ASVS 4.2.5). With 431 the app’s cookies are
 * cleared, so that no browser is locked out by what it has collected.
 */
export function requestBudget(policy: CookiePolicy): MiddlewareHandler<PipelineEnv> {
  return async (context, next) => {
    const { method, url, headers } = context.req.raw;
    const { pathname, search } = new URL(url);
    const fault = pathFault(pathname) ?? (hasMore(search, "&", MAX_PARAMETERS) ? "too_long" : null);
    if (fault !== null) return refuseAddress(context, fault);
    let bytes = method.length + url.length;
    for (const [name, value] of headers) bytes += name.length + value.length + 4;
    const cookies = headers.get("Cookie") ?? "";
    if (bytes <= HEADER_BUDGET_BYTES && !hasMore(cookies, ";", MAX_COOKIES)) return next();
    for (const cookie of clearOwnCookies(policy, cookies)) {
      context.header("Set-Cookie", cookie, { append: true });
    }
    return refuse(context, 431, "headers_too_large", HEADERS_TOO_LARGE);
  };
}

function refuseAddress(context: Context<PipelineEnv>, fault: AddressFault) {
  if (fault === "nowhere") return notFound(context);
  const cause = fault === "malformed" ? "malformed_path" : "long_address";
  context.get("log").warn("input_validation_fail", { cause });
  if (fault === "too_long") {
    return refuse(context, 414, "address_too_long", {
      title: "This address is too long",
      message: "No page here has one like it.",
      next: START_PAGE,
    });
  }
  return refuse(context, 400, "malformed_address", {
    title: "This address is malformed",
    message: "It may be mistyped, or was cut off on its way to you.",
    next: START_PAGE,
  });
}

/**
 * `Set-Cookie` values that delete the app’s own cookies in a `Cookie` header: the session and its
 * chunks, sign-ins under way, the hint at who it was; the largest, if there are many.
 */
export function clearOwnCookies(policy: CookiePolicy, header: string): string[] {
  const own = new RegExp(`(?:^|;) *(${policy.name}(?:\\.\\d+|-[\\w-]+)?)=([^;]*)`, "g");
  const sizes = new Map<string, number>();
  for (const [cookie, name = ""] of header.matchAll(own)) {
    sizes.set(name, (sizes.get(name) ?? 0) + cookie.length);
  }
  return [...sizes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_DELETIONS)
    .map(([name]) => deleteCookie(policy, name));
}

/** Whether `text` has more than `most` of these signs. */
function hasMore(text: string, sign: string, most: number): boolean {
  let at = -1;
  for (let seen = 0; seen <= most; seen++) {
    at = text.indexOf(sign, at + 1);
    if (at < 0) return false;
  }
  return true;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

import { parseUrl } from "../../config/parse-url";

/** Longest address to come back to, in characters; longer ones are given up for the fallback. */
const MAX_LENGTH = 1024;

/** Only there to parse against; `.invalid` can never be registered (RFC 6761 6.4). */
const MADE_UP_ORIGIN = "https://return-to.invalid";

/**
 * A decoded path of letters, digits, spaces and plain signs: no empty segment, no look-alike of
 * `/`, no `%`, so nothing that decodes to something else once more.
 */
const PLAIN_PATH = /^\/(?:[\p{L}\p{M}\p{N} \-._~!$&'()*+,;=]+(?:\/|$))*$/u;

/** Addresses that end up back at sign-in, or that are no page. React Router matches in any case. */
const NO_PLACE_TO_RETURN_TO = /^\/(?:login|logout|auth|api)(?:\/|$)|\.data\/?$/i;

/**
 * Judges where to go after sign-in, in a value that an attacker can choose: the path and query of a
 * page of this app, or `fallback` for everything else.
 *
 * `value` has been decoded once, by the query or form parser. What comes back begins with one
 * slash, is ASCII without control characters (safe in a `Location` header), is at most 1024
 * characters long, and is a path of this app to a browser and to anything that decodes the path
 * again. A fragment is dropped; raw spaces and letters of other scripts are percent-encoded; a good
 * path and its query otherwise come back as they were.
 *
 * The fallback is returned for: anything but a string; another origin, scheme, port or userinfo in
 * any disguise (backslash, tab, dot segment, encoded slash at any depth, look-alike); a path with
 * an empty segment or with signs outside letters, digits and `-._~!$&'()*+,;=`; `/login`,
 * `/logout`, `/auth/…` (they would loop) and `/api/…`, `….data` (no pages).
 *
 * Follows the OWASP Unvalidated Redirects cheat sheet and RFC 9700 2.1 (no open redirector);
 * parsing is the URL Standard’s, as in browsers.
 */
export function parseReturnTo(value: unknown, fallback = "/dashboard"): string {
  if (typeof value !== "string" || value.length > MAX_LENGTH) return fallback;
  if (!value.startsWith("/") || /\p{Cc}/u.test(value)) return fallback;
  // Trimmed, as the URL parser drops spaces at the end before it reads on.
  const path = decodePath(value.replace(/[?#].*$/su, "").replace(/(?<! ) +$/, ""));
  if (path === null || !PLAIN_PATH.test(path) || hasDotSegment(path)) return fallback;
  if (NO_PLACE_TO_RETURN_TO.test(path)) return fallback;

  const rebuilt = pathAndQuery(value);
  // why twice: a rebuilt path can mean something else than what it was built from ("/x/..//evil").
  // Today the checks above let no such path come here; this holds without them.
  if (rebuilt === null || rebuilt.length > MAX_LENGTH || pathAndQuery(rebuilt) !== rebuilt) {
    return fallback;
  }
  return rebuilt;
}

/**
 * The page that a request was for, to come back to after sign-in: the path and query of its URL
 * without what Remix adds to them (`.data` after the path, `_data`, `_routes`, a bare `index`).
 * An address that `parseReturnTo` refuses (an API, a path like `//evil.com`) gives its fallback.
 */
export function returnToOf(requestUrl: URL, fallback?: string): string {
  const path = requestUrl.pathname.replace(/\.data$/, "").replace(/^\/_root$/, "/");
  // why not URLSearchParams for the whole: it would write "%20" as "+".
  const query = requestUrl.search.slice(1).split("&").filter(isOfThePage).join("&");
  return parseReturnTo(query === "" ? path : `${path}?${query}`, fallback);
}

/** What the address of the sign-in page may say; a part that is missing, null or "" is left out. */
interface LoginPathParts {
  returnTo?: string | null | undefined;
  /** Why the session ended: a `reason` code of the contract. */
  reason?: string | null | undefined;
  /** Why the sign-in failed: an `error` code of the contract. */
  error?: string | null | undefined;
}

/** The address of the sign-in page, `/login?returnTo=…&reason=…&error=…`, each value encoded. */
export function loginPath({ returnTo, reason, error }: LoginPathParts = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ returnTo, reason, error })) {
    if (value) query.set(name, value);
  }
  return query.size === 0 ? "/login" : `/login?${query}`;
}

/** A path as `parseReturnTo` gives it, with an `error` code of the contract added to its query. */
export function withError(path: string, error: string): string {
  return withParameter(path, "error", error);
}

/** The same with a `notice`: what the page is to say of what came before. */
export function withNotice(path: string, notice: string): string {
  return withParameter(path, "notice", notice);
}

function withParameter(path: string, name: string, value: string): string {
  const url = new URL(path, MADE_UP_ORIGIN);
  url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/** Path and query as a browser would resolve them; null when that leads to another origin. */
function pathAndQuery(value: string): string | null {
  const url = parseUrl(value, MADE_UP_ORIGIN);
  return url?.origin === MADE_UP_ORIGIN ? url.pathname + url.search : null;
}

/** The path with its percent-encodings read once; null when they are none of UTF-8. */
function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

function hasDotSegment(path: string): boolean {
  return path.split("/").some((segment) => segment === "." || segment === "..");
}

/** Whether one part of a query (`name=value`) is the page’s own, not one of Remix’s. */
function isOfThePage(part: string): boolean {
  if (part === "index") return false;
  const [name] = new URLSearchParams(part).keys();
  return name !== "_data" && name !== "_routes";
}

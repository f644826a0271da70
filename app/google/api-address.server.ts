import { parseUrl } from "../config/parse-url";
import { isAllowed } from "./scopes";

/** Where people’s access tokens may go (DA-06). */
export interface ApiOrigins {
  /** That of addresses without one (`GOOGLE_API_ORIGIN`). */
  apiOrigin: string;
  /** Null while it isn’t known. */
  userinfoOrigin: string | null;
  /** What features need, whoever has been allowed them. */
  features: readonly FeatureApis[];
}

/** What a feature needs: all of these scopes, to call APIs at these origins. */
export interface FeatureApis {
  scopes: readonly string[];
  apis: readonly string[];
}

/**
 * - `allowed`: where the call goes.
 * - `scope_missing`: a feature’s API, and the person hasn’t allowed any feature that calls there.
 * - `address_not_allowed`: nobody’s, or no address.
 */
export type ApiAddress =
  | { kind: "allowed"; url: string }
  | { kind: "scope_missing" }
  | { kind: "address_not_allowed" };

/** Where most of Google’s older APIs are, Calendar and Drive among them. */
const GOOGLE_API_ORIGIN = "https://www.googleapis.com";

/**
 * Decides where a call goes, and whether it may.
 *
 * Where `apiOrigin` isn’t Google’s, somebody else answers for Google: the local Google, say. It then
 * stands for all of Google’s API hosts, each under a path of the host’s name
 * (`/tasks.googleapis.com/tasks/v1/…`), and nothing is sent to Google.
 *
 * @param address a path that begins with `/`, or a whole address.
 * @param granted the scopes of the token that would be sent.
 */
export function resolveApiAddress(
  address: string,
  granted: readonly string[],
  { apiOrigin, userinfoOrigin, features }: ApiOrigins,
): ApiAddress {
  const url = parse(address, apiOrigin);
  if (url === null || url.username !== "" || url.password !== "") {
    return { kind: "address_not_allowed" };
  }
  // Not `url.origin`: a blob’s is that of the address inside it.
  const origin = `${url.protocol}//${url.host}`;
  // Text behind an origin: as an address of its own, a path such as //evil.example would be a host.
  const at = (base: string): ApiAddress => ({
    kind: "allowed",
    url: base + url.pathname + url.search,
  });
  if (origin === apiOrigin || origin === userinfoOrigin) return at(origin);
  const google = isGoogles(apiOrigin);
  if (!google && origin === GOOGLE_API_ORIGIN) return at(apiOrigin);
  const callers = features.filter(({ apis }) => apis.includes(origin));
  if (callers.length === 0) return { kind: "address_not_allowed" };
  if (!callers.some((feature) => isAllowed(feature, granted))) return { kind: "scope_missing" };
  return at(google ? origin : `${apiOrigin}/${url.host}`);
}

/** An API’s name for the log, such as `calendar`: no more of an address, which may name a person. */
export function apiName(address: string): string {
  const [, host, path] =
    /^(?:https:\/\/([a-z\d-]{1,30})\.googleapis\.com(?=\/))?(?:\/([a-z]{1,30})\/)?/.exec(address) ??
    [];
  return (host === "www" ? path : (host ?? path)) ?? "other";
}

/**
 * A backslash is a slash to some, and so is %2f; tabs and line ends are nothing at all. A step back would
 * let an id that somebody has put into an address choose another API.
 */
const READ_OTHERWISE = /\p{Cc}|\\|(?:^|\/|%2f|%5c)(?:\.|%2e){1,2}(?:\/|%2f|%5c|$)/iu;

/** Without a base for whole addresses: `https:evil.example` would be a path to some, a host to others. */
function parse(address: string, base: string): URL | null {
  const [path = ""] = address.split(/[?#]/, 1);
  if (READ_OTHERWISE.test(path.trim())) return null;
  return address.startsWith("/") ? parseUrl(address, base) : parseUrl(address);
}

function isGoogles(origin: string): boolean {
  return /^https:\/\/([a-z\d-]+\.)+googleapis\.com$/.test(origin);
}

/** A cookie’s whole size, name and value, above which browsers drop it silently (RFC 6265bis 5.7). */
export const MAX_COOKIE_BYTES = 4096;
/** How many cookies an answer deletes at most: its head has to pass proxies, and 30 deletions are 3.5 KB. */
export const MAX_DELETIONS = 30;

/** The names and attributes of this app’s cookies, which follow from its origin alone. */
export interface CookiePolicy {
  /** `__Host-Http-latchkey` over https, `latchkey-PORT` on http loopback. */
  name: string;
  secure: boolean;
}

/**
 * `__Host-Http-`: only a secure answer of this very host can have set it (RFC 6265bis 4.1.3 and its
 * successor). Plain http exists on loopback only, where browsers refuse the prefix, and where all
 * ports of a host share one jar (RFC 6265 8.5): the port in the name keeps two apps apart.
 */
export function cookiePolicy(appOrigin: string): CookiePolicy {
  const { protocol, port } = new URL(appOrigin);
  const secure = protocol === "https:";
  return { secure, name: secure ? "__Host-Http-latchkey" : `latchkey-${port || 80}` };
}

/** The cookies of a request, in order; a name sent twice has two values. */
export function parseCookieHeader(header: string | null): Map<string, string[]> {
  const cookies = new Map<string, string[]>();
  for (const pair of (header ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    const values = cookies.get(name);
    if (values) values.push(value);
    else cookies.set(name, [value]);
  }
  return cookies;
}

/** A `Set-Cookie` value; `maxAgeMs` 0 or less deletes the cookie. */
export function setCookie(
  policy: CookiePolicy,
  name: string,
  value: string,
  maxAgeMs: number,
): string {
  const seconds = Math.max(0, Math.floor(maxAgeMs / 1000));
  const secure = policy.secure ? "; Secure" : "";
  return `${name}=${value}; Max-Age=${seconds}; Path=/; HttpOnly${secure}; SameSite=Lax`;
}

/** A `Set-Cookie` value that deletes: same name, path and flags, or browsers keep the old one. */
export function deleteCookie(policy: CookiePolicy, name: string): string {
  return setCookie(policy, name, "", 0);
}

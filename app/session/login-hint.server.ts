import { type CookiePolicy, deleteCookie, setCookie } from "./cookie-header.server";
import type { EndReason } from "./end-reason";
import type { Sealer } from "./seal.server";
import type { SessionUser } from "./session.server";
import type { Cookies } from "./session-cookie.server";

/**
 * Who was here a moment ago, for Google’s `login_hint`: somebody whose session ended by itself need
 * not choose their account again. Somebody who signed out is to choose.
 */
export interface LoginHints {
  /** `Set-Cookie` values that remember who it was, where the way the session ended allows it. */
  remember(user: SessionUser, reason: EndReason): string[];
  /** The `sub` of an account of our issuer’s, or null. */
  read(cookies: Cookies): string | null;
  clear(cookies: Cookies): string[];
}

/** As long as a sign-in may take. The sealed value isn’t trusted for more than a hint. */
const HINT_MS = 600_000;
const ENDED_BY_ITSELF = new Set<EndReason>([
  "idle",
  "absolute",
  "grant_revoked",
  "reauth_required",
]);

export function createLoginHints(policy: CookiePolicy, sealer: Sealer, issuer: string): LoginHints {
  const name = `${policy.name}-hint`;
  // An account is an account of its issuer only, and neither part has a space.
  const prefix = `${issuer} `;
  return {
    remember: (user, reason) =>
      ENDED_BY_ITSELF.has(reason)
        ? [setCookie(policy, name, sealer.seal(`${user.issuer} ${user.id}`), HINT_MS)]
        : [],
    read(cookies) {
      const [value] = cookies.get(name) ?? [];
      const unsealed = value === undefined ? null : sealer.unseal(value);
      if (!unsealed?.ok || !unsealed.text.startsWith(prefix)) return null;
      return unsealed.text.slice(prefix.length);
    },
    clear: (cookies) => (cookies.has(name) ? [deleteCookie(policy, name)] : []),
  };
}

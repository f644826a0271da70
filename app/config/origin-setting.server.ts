import { isIP } from "node:net";
import { z } from "zod";
import { parseUrl } from "./parse-url";

/** Whether plain http is acceptable: only where it never leaves this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** A host that can be asked: a name, or an address. `*` and `,` are none, whatever a URL may hold. */
const HOSTNAME = /^(\[[\da-f:.]+\]|[a-z\d_]([a-z\d_.-]*[a-z\d_])?\.?)$/;
/** Where servers listen; nobody can go there. */
const EVERYWHERE = ["0.0.0.0", "[::]"];

/** An origin to ask or to be asked at, as browsers write it: `https://app.example.com`. */
export const origin = z.string().transform((text, context): string => {
  const fail = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const url = parseUrl(text);
  if (url === null) return fail("is not a URL; write it like https://app.example.com");
  if (url.username || url.password) return fail("must not contain a user name or password");
  if (url.pathname !== "/" || url.search || url.hash) {
    return fail("must be an origin only: no path, query or fragment");
  }
  if (!HOSTNAME.test(url.hostname)) return fail("must name one host, without a wildcard or a list");
  if (EVERYWHERE.includes(url.hostname)) {
    return fail("must name a host that one can go to; 0.0.0.0 and [::] are for HOST");
  }
  if (url.protocol === "https:") return url.origin;
  if (url.protocol === "http:" && isLoopback(url.hostname)) return url.origin;
  return fail("must be https (http only on localhost, 127.0.0.1 or [::1])");
});

export const GOOGLE_ISSUER = "https://accounts.google.com";
/** Every way of writing Google’s: any scheme or none, any port, any path, any case. */
const LIKE_GOOGLE = /^([a-z]+:\/*)?accounts\.google\.com\.?(:\d*)?([/?#].*)?$/i;

/** An issuer is compared as text (OpenID Connect Core 3.1.3.7), so it stays as written. */
export const issuer = z.string().superRefine((text, context) => {
  const fail = (message: string) => context.addIssue({ code: "custom", message });
  if (LIKE_GOOGLE.test(text)) {
    if (text !== GOOGLE_ISSUER) fail(`must be exactly ${GOOGLE_ISSUER} for Google, or not set`);
    return;
  }
  const url = parseUrl(text);
  const secure =
    url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url === null || !secure || url.search || url.hash || url.username || url.password) {
    fail(
      "must be an https URL without query, fragment or password (http only on a loopback address)",
    );
  } else if (/\/\.well-known\//.test(url.pathname)) {
    fail("must be the issuer itself, without /.well-known/… behind it");
  }
});

/** An interface to listen on: what Node’s `listen` takes, not part of a URL. */
export const host = z.string().superRefine((text, context) => {
  if (isIP(text) !== 0 || /^[a-z\d_]([a-z\d_.-]*[a-z\d_])?$/i.test(text)) return;
  context.addIssue({
    code: "custom",
    message:
      "must be an address or a host name alone, such as 127.0.0.1 or ::1; " +
      "the port is PORT’s, and all interfaces are meant when it is not set",
  });
});

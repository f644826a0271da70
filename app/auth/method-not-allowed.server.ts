/** For addresses that do nothing but show: 405, with the methods that work (RFC 9110 15.5.6). */
export function methodNotAllowed(allow = "GET, HEAD"): Response {
  return new Response("This address can't be posted to.", {
    status: 405,
    headers: { Allow: allow },
  });
}

import type { RequestContext } from "./request-context.server";

/**
 * Signs this browser out: the session ends for good, and sign-ins under way are dropped. Works with
 * an expired or unreadable cookie, without Google, and as often as one likes (SO-14).
 *
 * Nothing is revoked at Google: that would sign the person out on every device (SO-06).
 *
 * @returns headers for the answer: cookies to delete, and what the browser should forget. Its cookies
 *   aren't cleared by `Clear-Site-Data`, which would reach sibling domains.
 */
export function endSession({ session, app, cookies, log }: RequestContext): Headers {
  const wasActive = session.read().status === "active";
  session.end("signed_out");
  if (wasActive) log.info("session_ended", { reason: "signed_out" });
  const headers = new Headers({ "Clear-Site-Data": '"cache", "storage"' });
  for (const cookie of [...app.transactions.clear(cookies), ...app.hints.clear(cookies)]) {
    headers.append("Set-Cookie", cookie);
  }
  return headers;
}

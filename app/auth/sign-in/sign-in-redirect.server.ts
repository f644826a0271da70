import { redirect } from "@remix-run/node";

/** A redirect of the sign-in with its transaction's cookies. Never a page: its address may hold a code. */
export function signInRedirect(location: string, setCookies: readonly string[]): Response {
  const headers = new Headers();
  for (const cookie of setCookies) headers.append("Set-Cookie", cookie);
  return redirect(location, { headers });
}

import { type LoaderArgs, requireUser } from "./require-user.server";

/**
 * The action of a private page that only shows: somebody who isn’t signed in is sent to sign-in by it as
 * by any other, everybody else is told what works. The page counts as one that can’t be posted to.
 *
 * @throws always: the way to sign-in, or 405 with `Allow` (RFC 9110 15.5.6).
 */
export async function showsOnly(args: LoaderArgs): Promise<never> {
  await requireUser(args);
  throw new Response("This address can’t be posted to.", { status: 405 });
}

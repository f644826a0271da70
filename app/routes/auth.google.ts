import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { loginPath, parseReturnTo } from "../auth/sign-in/return-to";
import {
  signedInAccount,
  signInRedirect,
  startGoogleSignIn,
} from "../auth/sign-in/start-google-sign-in.server";
import { isFeature } from "../google/scopes";

/** An address that somebody typed or prefetched starts nothing. */
export function loader() {
  return redirect("/login");
}

export async function action({ request, context }: ActionFunctionArgs) {
  // A browser’s guess is no decision of the person’s (SF-07).
  if (context.prefetch) return redirect("/login");
  const form = await request.formData().catch(() => new FormData());
  const returnTo = parseReturnTo(form.get("returnTo"));
  const scope = form.get("scope");
  const feature = isFeature(scope) ? scope : null;
  const confirm = form.has("confirm");
  const account = feature !== null || confirm ? signedInAccount(context) : null;
  const started = await startGoogleSignIn(context, { returnTo, feature, account, confirm });
  return started.ok
    ? signInRedirect(started.location, started.setCookies)
    : redirect(loginPath({ returnTo, error: started.error }));
}

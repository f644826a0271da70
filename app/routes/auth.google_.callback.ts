import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { finishGoogleSignIn } from "../auth/sign-in/finish-google-sign-in.server";
import { loginPath } from "../auth/sign-in/return-to";
import { signInRedirect } from "../auth/sign-in/start-google-sign-in.server";

export async function loader({ request, context }: LoaderFunctionArgs) {
  // Nobody has come back yet, so nothing is used up (RFC 9110 9.2.1). A browser would show what it has
  // fetched ahead in the place of the real answer, unless it is a refusal.
  if (context.prefetch) return new Response(null, { status: 403 });
  const { method, url } = context.asked;
  if (method === "HEAD" && url.searchParams.has("state")) return redirect("/login");
  const finished = await finishGoogleSignIn(request, context);
  const { setCookies } = finished;
  switch (finished.kind) {
    case "signed_in":
      return signInRedirect(finished.returnTo, setCookies);
    case "consent_needed":
      return signInRedirect(finished.location, setCookies);
    case "refused":
      return signInRedirect(
        loginPath({ returnTo: finished.returnTo, error: finished.error }),
        setCookies,
      );
  }
}

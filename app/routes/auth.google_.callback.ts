import type { LoaderFunctionArgs } from "@remix-run/node";
import { finishGoogleSignIn } from "../auth/finish-google-sign-in.server";
import { loginPath } from "../auth/return-to";
import { signInRedirect } from "../auth/sign-in-redirect.server";

export async function loader({ request, context }: LoaderFunctionArgs) {
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

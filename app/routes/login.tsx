import { type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { getUser } from "../auth/require-user.server";
import { END_MESSAGES, SIGN_IN_MESSAGES } from "../auth/sign-in/messages";
import { parseReturnTo, withError } from "../auth/sign-in/return-to";
import { isSignInError } from "../auth/sign-in/sign-in-error";
import { pageTitle } from "../brand/brand";
import { isFeaturePage } from "../google/scopes";
import { isEndReason } from "../session/end-reason";
import { FOR_EVERYONE } from "../ui/session-frame";
import { LoginView } from "../welcome/login-view";

export const handle = FOR_EVERYONE;

export const meta: MetaFunction = () => [{ title: pageTitle("Sign in") }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const params = new URL(request.url).searchParams;
  const returnTo = parseReturnTo(params.get("returnTo"));
  const [error, reason] = [params.get("error"), params.get("reason")];
  if (await getUser({ context })) {
    // Somebody signed in asked Google for more, in vain: the page they came from says so.
    const answered = isSignInError(error) && isFeaturePage(returnTo);
    throw redirect(answered ? withError(returnTo, error) : returnTo);
  }
  return {
    returnTo,
    problem: isSignInError(error) ? SIGN_IN_MESSAGES[error] : null,
    ended: isEndReason(reason) ? END_MESSAGES[reason] : null,
  };
}

export default function Login() {
  return <LoginView {...useLoaderData<typeof loader>()} />;
}

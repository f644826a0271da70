import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { requireUser } from "../auth/require-user.server";
import { showsOnly } from "../auth/shows-only.server";
import { pageTitle } from "../brand/brand";
import { SignedInView } from "../welcome/signed-in-view";

export const meta: MetaFunction = () => [{ title: pageTitle("Signed in") }];

/** Where signing in again in a small window ends. Other tabs hear of it from the page’s frame. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireUser({ request, context });
  return null;
}

export const action = showsOnly;

export default function SignedIn() {
  return <SignedInView />;
}

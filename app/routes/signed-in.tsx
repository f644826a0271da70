import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { methodNotAllowed } from "../auth/method-not-allowed.server";
import { requireUser } from "../auth/require-user.server";
import { SignedInView } from "../ui/signed-in-view";

export const meta: MetaFunction = () => [{ title: "Signed in · Latchkey" }];

/** Where signing in again in a small window ends. Other tabs hear of it from the page's frame. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireUser({ request, context });
  return null;
}

export async function action({ request, context }: ActionFunctionArgs) {
  await requireUser({ request, context });
  throw methodNotAllowed();
}

export default function SignedIn() {
  return <SignedInView />;
}

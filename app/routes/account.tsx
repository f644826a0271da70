import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { methodNotAllowed } from "../auth/method-not-allowed.server";
import { requireUser } from "../auth/require-user.server";
import { AccountView } from "../ui/account-view";

export const meta: MetaFunction = () => [{ title: "Account · Latchkey" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, session, features } = await requireUser({ request, context });
  return { user, session, features, now: context.app.clock.now() };
}

export async function action({ request, context }: ActionFunctionArgs) {
  await requireUser({ request, context });
  throw methodNotAllowed();
}

export default function Account() {
  return <AccountView {...useLoaderData<typeof loader>()} />;
}

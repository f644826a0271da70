import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { Outlet } from "@remix-run/react";
import { requireUser } from "../auth/require-user.server";
import { methodNotAllowed } from "../http/method-not-allowed.server";

/** A layout's guard is a convenience; each page below it guards itself (DA-09). */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireUser({ request, context });
  return null;
}

export async function action({ request, context }: ActionFunctionArgs) {
  await requireUser({ request, context });
  throw methodNotAllowed();
}

export default function DashboardLayout() {
  return <Outlet />;
}

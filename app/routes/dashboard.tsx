import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { Outlet } from "@remix-run/react";
import { methodNotAllowed } from "../auth/method-not-allowed.server";
import { requireUser } from "../auth/require-user.server";

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

import type { LoaderFunctionArgs } from "@remix-run/node";
import { Outlet } from "@remix-run/react";
import { requireUser } from "../auth/require-user.server";
import { showsOnly } from "../auth/shows-only.server";

/** A layout’s guard is a convenience; each page below it guards itself (DA-09). */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireUser({ request, context });
  return null;
}

export const action = showsOnly;

export default function DashboardLayout() {
  return <Outlet />;
}

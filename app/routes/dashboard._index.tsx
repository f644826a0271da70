import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { requireUser } from "../auth/require-user.server";
import { DashboardView } from "../ui/dashboard-view";

export const meta: MetaFunction = () => [{ title: "Dashboard · Latchkey" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, session, google } = await requireUser({ request, context });
  const profile = await google.fetchProfile();
  return { user, session, profile, now: context.app.clock.now() };
}

export default function Dashboard() {
  return <DashboardView {...useLoaderData<typeof loader>()} />;
}

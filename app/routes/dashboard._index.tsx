import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { requireUser } from "../auth/require-user.server";
import { showsOnly } from "../auth/shows-only.server";
import { readAgenda } from "../google/agenda.server";
import { DashboardView } from "../ui/dashboard-view";

export const meta: MetaFunction = () => [{ title: "Dashboard · Latchkey" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, session, features, google } = await requireUser({ request, context });
  const now = context.app.clock.now();
  const [profile, agenda] = await Promise.all([
    google.fetchProfile(),
    readAgenda(google.fetch, features, { now, pageSize: 4 }),
  ]);
  return { user, session, profile, agenda, now };
}

export const action = showsOnly;

export default function Dashboard() {
  return <DashboardView {...useLoaderData<typeof loader>()} />;
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { methodNotAllowed } from "../auth/method-not-allowed.server";
import { requireUser } from "../auth/require-user.server";
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

export async function action({ request, context }: ActionFunctionArgs) {
  await requireUser({ request, context });
  throw methodNotAllowed();
}

export default function Dashboard() {
  return <DashboardView {...useLoaderData<typeof loader>()} />;
}

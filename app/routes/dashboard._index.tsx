import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";
import { NextEvents } from "../agenda/next-events";
import { readNextEvents } from "../agenda/next-events.server";
import { requireUser } from "../auth/require-user.server";
import { showsOnly } from "../auth/shows-only.server";
import { pageTitle } from "../brand/brand";
import { allOf } from "../config/all-of";
import { DashboardView } from "../dashboard/dashboard-view";

export const meta: MetaFunction = () => [{ title: pageTitle("Dashboard") }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, session, ...person } = await requireUser({ request, context });
  const now = context.app.clock.now();
  const read = await allOf({
    profile: person.google.fetchProfile(),
    nextEvents: readNextEvents(person, now),
  });
  return { user, session, now, ...read };
}

export const action = showsOnly;

export default function Dashboard() {
  const shown = useLoaderData<typeof loader>();
  const cards: ReactNode[] = [
    // A line for each feature that has a card here.
    <NextEvents key="next-events" agenda={shown.nextEvents} />,
  ];
  return <DashboardView {...shown} cards={cards} />;
}

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { requireUser } from "../../app/auth/require-user.server";

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, google } = await requireUser({ request, context });
  return { name: user.name, profile: await google.fetchProfile() };
}

export default function Notes() {
  return <h1>Notes of {useLoaderData<typeof loader>().name}</h1>;
}

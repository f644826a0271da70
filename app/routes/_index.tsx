import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { getUser } from "../auth/require-user.server";
import { HomeView } from "../ui/home-view";

export async function loader({ context }: LoaderFunctionArgs) {
  const signedIn = await getUser({ context });
  return { user: signedIn && signedIn.user };
}

export default function Home() {
  return <HomeView user={useLoaderData<typeof loader>().user} />;
}

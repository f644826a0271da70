import { useRouteLoaderData } from "@remix-run/react";
import type { loader as rootLoader } from "../root";
import { HomeView } from "../ui/home-view";

export default function Home() {
  const root = useRouteLoaderData<typeof rootLoader>("root");
  return <HomeView user={root?.user ?? null} />;
}

import { usePerson } from "../client/use-session";
import { HomeView } from "../ui/home-view";
import { FOR_EVERYONE } from "../ui/session-frame";

export const handle = FOR_EVERYONE;

export default function Home() {
  return <HomeView user={usePerson()} />;
}

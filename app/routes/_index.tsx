import { usePerson } from "../client/use-session";
import { FOR_EVERYONE } from "../ui/session-frame";
import { HomeView } from "../welcome/home-view";

export const handle = FOR_EVERYONE;

export default function Home() {
  return <HomeView user={usePerson()} />;
}

import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import type { PageSeed } from "../auth/seed-page.server";
import { INTERVAL_MS } from "./next-read";
import type { Person } from "./session-report";
import { lastKnown, type SessionState } from "./session-state";
import { createSessionWatch, type SessionWatch } from "./session-watch";

const WatchContext = createContext<SessionWatch | null>(null);

/** Watches the session for everything inside it. `seed` is the root loader’s word; if it may be an old one, `stale`. */
export function SessionProvider({
  seed,
  stale,
  intervalMs = INTERVAL_MS,
  children,
}: {
  seed: PageSeed;
  stale: boolean;
  intervalMs?: number;
  children: ReactNode;
}) {
  const [watch] = useState(() => createSessionWatch(seed, Date.now(), intervalMs));
  useEffect(() => watch.start(window), [watch]);
  useEffect(() => (stale ? watch.check() : watch.seed(seed)), [watch, seed, stale]);
  return <WatchContext.Provider value={watch}>{children}</WatchContext.Provider>;
}

/** What is known of the session, and kept up to date. The same on the server and in the first render. */
export function useSession(): SessionState {
  const watch = useSessionWatch();
  return useSyncExternalStore(watch.subscribe, watch.state, watch.state);
}

/** Who is signed in, as far as is known; null for nobody. */
export function usePerson(): Person | null {
  const known = lastKnown(useSession());
  return known.status === "authenticated" ? known.user : null;
}

export function useSessionWatch(): SessionWatch {
  const watch = useContext(WatchContext);
  if (watch === null) throw new Error("No SessionProvider.");
  return watch;
}

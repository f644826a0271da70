import { createContext, type ReactNode, useContext } from "react";
import { MADE_FOR_FIELD } from "../auth/made-for-field";

const MadeForContext = createContext<string | null>(null);

/** `madeFor`: for whom the page was made, whoever is signed in by now; null for nobody. */
export function MadeForProvider({
  madeFor,
  children,
}: {
  madeFor: string | null;
  children: ReactNode;
}) {
  return <MadeForContext.Provider value={madeFor}>{children}</MadeForContext.Provider>;
}

/**
 * Belongs into every form that posts, of any kind (`<form>`, `<Form>`, `<fetcher.Form>`): tells the server
 * for whom the page was made. Has somebody else signed in meanwhile, nothing is done for them.
 */
export function MadeFor() {
  const madeFor = useContext(MadeForContext);
  return madeFor === null ? null : <input type="hidden" name={MADE_FOR_FIELD} value={madeFor} />;
}

/** A form of nothing else, for a script to post. */
export function useEmptyForm(): { method: "POST"; body: URLSearchParams } {
  const madeFor = useContext(MadeForContext);
  const body = new URLSearchParams(madeFor === null ? {} : { [MADE_FOR_FIELD]: madeFor });
  return { method: "POST", body };
}

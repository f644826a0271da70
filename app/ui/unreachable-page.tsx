import { useLocation, useRevalidator } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { BRAND } from "../brand/brand";
import { useSession } from "../client/use-session";
import { ProblemPage } from "./problem-page";

/** Stands for a page that no network brought. It goes on by itself when the session can be read again. */
export function UnreachablePage() {
  const { pathname, search } = useLocation();
  const { revalidate } = useRevalidator();
  const known = useSession().status !== "unknown";
  const knownBefore = useRef(known);
  useEffect(() => {
    if (known && !knownBefore.current) revalidate();
    knownBefore.current = known;
  }, [known, revalidate]);
  return (
    <ProblemPage
      title={`${BRAND.name} can’t be reached just now`}
      message="You may be offline. Please try again in a moment."
      nextStep={{ label: "Try again", to: pathname + search }}
      byFullLoad={false}
    />
  );
}

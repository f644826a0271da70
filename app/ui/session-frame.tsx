import { useLocation, useMatches, useRevalidator } from "@remix-run/react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ANOTHER_PERSON } from "../auth/made-for-field";
import type { PageSeed } from "../auth/seed-page.server";
import { loginPath } from "../auth/sign-in/return-to";
import {
  type Fate,
  keepForms,
  keepSentForms,
  recallForms,
  settleForms,
} from "../client/kept-forms";
import { lastKnown } from "../client/session-state";
import { useSession } from "../client/use-session";
import { Notice } from "./notice";
import { SessionNotices } from "./session-notices";
import { type Reaction, reactionTo } from "./session-reaction";
import { Shell, type ShellPlace } from "./shell";
import { SignInAgain } from "./sign-in-again";

/** A page that anybody may see says so in its route: `export const handle = FOR_EVERYONE`. */
export const FOR_EVERYONE = { audience: "everyone" } as const;

function isForEveryone(handle: unknown): boolean {
  return typeof handle === "object" && handle !== null && "audience" in handle;
}

/** The frame of every page, which follows the session: who is there, what it says, what it hides. */
export function SessionFrame({
  seed,
  failed,
  current,
  children,
}: {
  seed: PageSeed;
  /** Whether an error stands in the page’s place. */
  failed: boolean;
  current: ShellPlace;
  children: ReactNode;
}) {
  const session = useSession();
  const { pathname, search } = useLocation();
  const isPrivate = !useMatches().some(({ handle }) => isForEveryone(handle));
  const pageUser = seed.report.status === "authenticated" ? seed.report.user : null;
  const who = pageUser?.id ?? null;
  const reaction = reactionTo(session, { pageUserId: who, isPrivate });
  const known = lastKnown(session);
  const person = known.status === "authenticated" ? known.user : null;
  const reason = known.status === "unauthenticated" ? known.reason : null;
  const here = pathname + search;
  useReaction(reaction, { signInAddress: loginPath({ returnTo: here, reason }), pathname, who });
  const refused = new URLSearchParams(search).get("notice") === ANOTHER_PERSON;
  const restored = useKeptForms({ path: pathname, who, seed, failed });

  const leaving = reaction === "leave" || reaction === "reload";
  const unchecked = session.status === "unknown" && session.restored;
  return (
    <>
      <Shell
        user={reaction === "ask" ? pageUser : person}
        current={current}
        veiled={leaving || unchecked}
      >
        {refused && person !== null ? (
          <Notice tone="warn" title="Somebody else is signed in here now, so nothing was done." />
        ) : null}
        {restored ? (
          <Notice tone="info" title="What you typed is back">
            {restored === "lost" ? "It may have arrived or not." : "It was not sent."} Look it over
            and send it again.
          </Notice>
        ) : null}
        {children}
      </Shell>
      {reaction === "ask" && pageUser ? (
        <SignInAgain person={pageUser} reason={reason} here={here} path={pathname} />
      ) : (
        <SessionNotices session={session} noticeMs={seed.noticeMs} here={here} path={pathname} />
      )}
    </>
  );
}

interface Page {
  signInAddress: string;
  pathname: string;
  /** For whom it was made. */
  who: string | null;
}

function useReaction(reaction: Reaction, { signInAddress, pathname, who }: Page): void {
  const { revalidate } = useRevalidator();
  const before = useRef(reaction);
  useEffect(() => {
    const isBack = reaction === "none" && before.current === "ask";
    before.current = reaction;
    // The page may come back without its form, where Google no longer allows what it is for.
    if (isBack && who !== null) keepForms(pathname, who);
    if (reaction === "revalidate" || isBack) revalidate();
    // By full loads: what this page holds in memory goes with it.
    if (reaction === "reload") window.location.reload();
    if (reaction === "leave") window.location.replace(signInAddress);
  }, [reaction, signInAddress, pathname, who, revalidate]);
}

/**
 * Keeps what is typed into forms and puts it back, each time a page has come.
 *
 * @returns what had become of it, where it was put back.
 */
function useKeptForms({
  path,
  who,
  seed,
  failed,
}: {
  path: string;
  who: string | null;
  seed: PageSeed;
  failed: boolean;
}): Fate | undefined {
  const [restored, setRestored] = useState<{ fate: Fate | undefined; seed: PageSeed }>();
  useEffect(() => {
    // What was sent and led to signing in never arrived.
    if (path === "/login") recallForms("unsent");
    else if (failed) recallForms("lost");
    else setRestored({ fate: settleForms({ path, who }), seed });
  }, [path, who, seed, failed]);
  useEffect(() => (who === null ? undefined : keepSentForms(path, who)), [path, who]);
  return restored?.seed === seed ? restored.fate : undefined;
}

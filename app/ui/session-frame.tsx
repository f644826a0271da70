import { useLocation, useMatches, useRevalidator } from "@remix-run/react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { loginPath } from "../auth/return-to";
import type { PageSeed } from "../auth/seed-page.server";
import { keepSentForms, settleForms } from "../client/kept-forms";
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
  current,
  children,
}: {
  seed: PageSeed;
  current: ShellPlace;
  children: ReactNode;
}) {
  const session = useSession();
  const { pathname, search } = useLocation();
  const isPrivate = !useMatches().some(({ handle }) => isForEveryone(handle));
  const pageUser = seed.report.status === "authenticated" ? seed.report.user : null;
  const reaction = reactionTo(session, { pageUserId: pageUser?.id ?? null, isPrivate });
  const known = lastKnown(session);
  const person = known.status === "authenticated" ? known.user : null;
  const reason = known.status === "unauthenticated" ? known.reason : null;
  const here = pathname + search;
  useReaction(reaction, loginPath({ returnTo: here, reason }));
  const restored = useKeptForms(pathname, person?.id ?? null);

  const leaving = reaction === "leave" || reaction === "reload";
  const unchecked = session.status === "unknown" && session.restored;
  return (
    <>
      <Shell
        user={reaction === "ask" ? pageUser : person}
        current={current}
        veiled={leaving || unchecked}
      >
        {restored ? (
          <Notice tone="info" title="What you typed is back">
            It was not sent. Look it over and send it again.
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

function useReaction(reaction: Reaction, signInAddress: string): void {
  const { revalidate } = useRevalidator();
  const before = useRef(reaction);
  useEffect(() => {
    const isBack = reaction === "none" && before.current === "ask";
    before.current = reaction;
    if (reaction === "revalidate" || isBack) revalidate();
    // By full loads: what this page holds in memory goes with it.
    if (reaction === "reload") window.location.reload();
    if (reaction === "leave") window.location.replace(signInAddress);
  }, [reaction, signInAddress, revalidate]);
}

/** Keeps and puts back what is typed into forms; true where something has been put back. */
function useKeptForms(path: string, who: string | null): boolean {
  const { key } = useLocation();
  const [restoredAt, setRestoredAt] = useState<string | null>(null);
  useEffect(() => {
    if (settleForms({ path, who, isSignIn: path === "/login" })) setRestoredAt(key);
  }, [path, who, key]);
  useEffect(() => (who === null ? undefined : keepSentForms(path, who)), [path, who]);
  return restoredAt === key;
}

import { type FormEvent, useEffect, useState } from "react";
import { keepForms } from "../client/kept-forms";
import type { KnownState, SessionState } from "../client/session-state";
import { lastKnown } from "../client/session-state";
import { useSessionWatch } from "../client/use-session";
import { Button } from "./button";
import { formatRelative } from "./format-moment";
import { MadeFor, useEmptyForm } from "./made-for";
import { Notice } from "./notice";
import { openSignInWindow, SIGN_IN_WINDOW, SIGNED_IN_PATH } from "./sign-in-window";
import { useHydrated } from "./use-hydrated";

type SignedIn = Extract<KnownState, { status: "authenticated" }>;

/** One failed read is nothing to speak of; the next comes within two seconds. */
const WORTH_SAYING = 2;

/** What the session has to say, at the foot of the page: at most one thing, and mostly nothing. */
export function SessionNotices({
  session,
  noticeMs,
  here,
  path,
}: {
  session: SessionState;
  noticeMs: number;
  here: string;
  path: string;
}) {
  const watch = useSessionWatch();
  const hydrated = useHydrated();
  const known = lastKnown(session);
  const retry = (
    <Button type="button" variant="quiet" onClick={() => watch.check()}>
      Try now
    </Button>
  );
  // All of them are of use only with a script.
  if (!hydrated || known.status === "unauthenticated") return null;
  if (session.status === "unknown" && (session.failures >= WORTH_SAYING || session.restored)) {
    return (
      <div className="session-notices">
        <Notice tone="warn" title="Can’t check whether you are still signed in">
          <p>You may be offline. This page asks again by itself.</p>
          {retry}
        </Notice>
      </div>
    );
  }
  if (known.googleAway) {
    return (
      <div className="session-notices">
        <Notice tone="info" title="Google isn’t answering at the moment">
          <p>You stay signed in. This page asks again by itself.</p>
          {retry}
        </Notice>
      </div>
    );
  }
  return <EndNotice key={known.endsAt} known={known} noticeMs={noticeMs} here={here} path={path} />;
}

const TICK_MS = 5000;

/** Says before the session ends that it will, and offers the one thing that helps. */
function EndNotice({
  known,
  noticeMs,
  here,
  path,
}: {
  known: SignedIn;
  noticeMs: number;
  here: string;
  path: string;
}) {
  const watch = useSessionWatch();
  const emptyForm = useEmptyForm();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  if (known.endsAt - now > noticeMs) return null;

  const when = formatRelative(Math.max(known.endsAt, now), now);
  return (
    <div className="session-notices">
      {known.final ? (
        <Notice tone="warn" title={`You will have to sign in again ${when}`}>
          <p>Every sign-in ends some time after it began.</p>
          <form
            method="post"
            action="/auth/google"
            onSubmit={(event) => inSmallWindow(event, path, known.user.id)}
          >
            <MadeFor />
            <input type="hidden" name="returnTo" value={here} />
            <Button>Sign in again</Button>
          </form>
        </Notice>
      ) : (
        <Notice tone="warn" title={`You will be signed out ${when}`}>
          <p>Nothing was done here for a long time.</p>
          <Button type="button" onClick={() => watch.check(emptyForm)}>
            Stay signed in
          </Button>
        </Notice>
      )}
    </div>
  );
}

/** Sends the form into the small window; where none opens it goes its plain way, with what was typed kept. */
function inSmallWindow(event: FormEvent<HTMLFormElement>, path: string, who: string): void {
  const form = event.currentTarget;
  const returnTo = form.elements.namedItem("returnTo");
  if (openSignInWindow("about:blank")) {
    form.target = SIGN_IN_WINDOW;
    if (returnTo instanceof HTMLInputElement) returnTo.value = SIGNED_IN_PATH;
  } else {
    keepForms(path, who);
  }
}

import { useEffect, useId, useRef, useState } from "react";
import { END_MESSAGES } from "../auth/sign-in/messages";
import { loginPath } from "../auth/sign-in/return-to";
import type { Person } from "../client/session-report";
import { isEndReason } from "../session/end-reason";
import { Button } from "./button";
import { openSignInWindow, signInHere } from "./sign-in-window";

/** Lies over a page whose session has ended by itself. The page waits below, as it was. */
export function SignInAgain({
  person,
  reason,
  here,
  path,
}: {
  person: Person;
  reason: string | null;
  /** This page’s address, and its path alone. */
  here: string;
  path: string;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [waiting, setWaiting] = useState(false);
  const open = () => {
    if (dialog.current?.isConnected && !dialog.current.open) dialog.current.showModal();
  };
  useEffect(open, []);

  const address = loginPath({ returnTo: here, reason });
  const { title, message } = END_MESSAGES[isEndReason(reason) ? reason : "unreadable"];
  return (
    <dialog
      ref={dialog}
      className="sign-in-again"
      aria-labelledby={titleId}
      onCancel={(event) => event.preventDefault()}
      // A browser closes it at the second Escape whatever it is told.
      onClose={open}
    >
      <h2 id={titleId}>{title}</h2>
      <p>{message}</p>
      <p>
        This page is kept as you left it. Sign in as <strong>{person.email}</strong> to go on.
      </p>
      <div className="card-actions">
        <Button
          type="button"
          variant="primary"
          onClick={() => {
            if (openSignInWindow()) setWaiting(true);
            else signInHere(address, path, person.id);
          }}
        >
          Sign in again
        </Button>
        {waiting ? (
          <Button
            type="button"
            variant="quiet"
            onClick={() => signInHere(address, path, person.id)}
          >
            Sign in on this page instead
          </Button>
        ) : null}
      </div>
      <p className="aside" role="status">
        {waiting
          ? "A small window has opened. Sign in there; this page then goes on by itself."
          : ""}
      </p>
    </dialog>
  );
}

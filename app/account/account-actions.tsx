import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { GoogleSignInForm } from "../ui/google-button";
import { MadeFor } from "../ui/made-for";

const ACTIONS = [
  {
    intent: "end-other-sessions",
    label: "Sign out other devices",
    text: "You stay signed in here, and nowhere else.",
    confirm: "Yes, sign them out",
  },
  {
    intent: "end-all-sessions",
    label: "Sign out everywhere",
    text: "Ends every session of yours, this one too.",
    confirm: "Yes, sign me out everywhere",
  },
  {
    intent: "disconnect-google",
    label: "Disconnect Google",
    text: "Gives Google’s access back and signs you out on all devices.",
    confirm: "Yes, disconnect Google",
  },
  {
    intent: "delete-account",
    label: "Delete account",
    text: "Removes everything that names you here, gives Google’s access back, and signs you out on all devices. It can’t be undone.",
    confirm: "Yes, delete my account",
  },
] as const;

/** Shown when an action takes a recent sign-in. Nothing is sent again by itself afterwards. */
export function ConfirmAtGoogle({ intent }: { intent: string | null }) {
  const action = ACTIONS.find((known) => known.intent === intent);
  if (action === undefined) return null;
  return (
    <Card title="Confirm that it’s you">
      <p>
        “{action.label}” concerns all your devices, so it takes a sign-in of the last hour. Go
        through Google once more with this account, then choose it again. Nothing has changed yet.
      </p>
      <GoogleSignInForm
        returnTo={`/account?confirmed=${action.intent}`}
        label="Continue with Google"
        confirm
      />
    </Card>
  );
}

/** What concerns more than this device. Each asks once before it acts, without a script. */
export function AccountActions({ opened }: { opened: string | null }) {
  return (
    <Card title="All your devices">
      {ACTIONS.map(({ intent, label, text, confirm }) => (
        <details key={intent} className="account-action" open={intent === opened}>
          <summary>{label}</summary>
          <p>{text}</p>
          <form method="post" action="/account">
            <MadeFor />
            <input type="hidden" name="intent" value={intent} />
            <input type="hidden" name="confirm" value="yes" />
            <Button variant="danger">{confirm}</Button>
          </form>
        </details>
      ))}
    </Card>
  );
}

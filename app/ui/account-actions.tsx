import { Button } from "./button";
import { Card } from "./card";

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

/** What concerns more than this device. Each asks once before it acts, without a script. */
export function AccountActions() {
  return (
    <Card title="All your devices">
      {ACTIONS.map(({ intent, label, text, confirm }) => (
        <details key={intent} className="account-action">
          <summary>{label}</summary>
          <p>{text}</p>
          <form method="post" action="/account">
            <input type="hidden" name="intent" value={intent} />
            <input type="hidden" name="confirm" value="yes" />
            <Button variant="danger">{confirm}</Button>
          </form>
        </details>
      ))}
    </Card>
  );
}

import { BRAND } from "../brand/brand";
import { Card } from "../ui/card";
import { Facts } from "../ui/description-list";
import { Moment } from "../ui/moment";
import { Notice } from "../ui/notice";
import { SessionEnd, SessionLimit } from "../ui/session-lasts";
import type { ShellUser } from "../ui/shell";
import { SignOutForm } from "../ui/sign-out-form";
import { AccountActions, ConfirmAtGoogle } from "./account-actions";
import { type DeviceShown, DevicesCard } from "./devices-card";
import { grantedInWords } from "./google-access";

type Session = {
  startedAt: number;
  lastSeenAt: number;
  endsAt: number;
  absoluteEndsAt: number;
  renewedAt: number;
};

/** This session, what Google allows it, and the way to end it. */
export function AccountView({
  user,
  session,
  features,
  devices,
  notice,
  toConfirm,
  confirmed,
  now,
}: {
  user: ShellUser;
  session: Session;
  features: readonly string[];
  /** Null while the list can’t be read. */
  devices: DeviceShown[] | null;
  /** What the last action came to, in words. */
  notice: string | null;
  /** The action that waits for a confirmation at Google, and the one that has it. */
  toConfirm: string | null;
  confirmed: string | null;
  now: number;
}) {
  const { endsAt, absoluteEndsAt } = session;
  return (
    <div className="page">
      <div className="page-head">
        <h1>Account</h1>
        <p className="lead">
          Signed in as {user.name}, {user.email}
        </p>
      </div>
      {notice === null ? null : <Notice tone="info" title={notice} />}
      <ConfirmAtGoogle intent={toConfirm} />
      <Card title="This session" description="The sign-in in this browser.">
        <Facts
          items={[
            {
              term: "Signed in",
              value: <Moment at={session.startedAt} kind="date-time" now={now} />,
            },
            {
              term: "Last seen",
              value: <Moment at={session.lastSeenAt} kind="relative" now={now} />,
            },
            {
              term: "Stays signed in until",
              value: (
                <>
                  <SessionEnd at={endsAt} now={now} />
                  <span className="remark">
                    <SessionLimit endsAt={endsAt} absoluteEndsAt={absoluteEndsAt} now={now} />
                  </span>
                </>
              ),
            },
            {
              term: "Google access renewed",
              value: <Moment at={session.renewedAt} kind="relative" now={now} />,
            },
          ]}
        />
      </Card>
      <Card title={`What Google lets ${BRAND.name} do`} description="Nothing beyond this list.">
        <ul className="granted">
          {grantedInWords(features).map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      </Card>
      <Card
        title="Sign out"
        description="Ends this session, here and on the server. It does not sign you out of Google: your Google account itself stays signed in."
        actions={<SignOutForm label={`Sign out of ${BRAND.name}`} />}
      />
      <DevicesCard devices={devices} now={now} />
      <AccountActions opened={confirmed} />
    </div>
  );
}

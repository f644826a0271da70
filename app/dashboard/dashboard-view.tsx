import type { ReactNode } from "react";
import { Card } from "../ui/card";
import { Moment } from "../ui/moment";
import { SessionEnd, SessionLimit } from "../ui/session-lasts";
import type { ShellUser } from "../ui/shell";
import { AccessTimeline } from "./access-timeline";
import { type Profile, ProfileFromGoogle } from "./profile-from-google";

type Session = {
  startedAt: number;
  /** Until when the person stays signed in if nothing is done. */
  endsAt: number;
  absoluteEndsAt: number;
  renewedAt: number;
  accessExpiresAt: number;
  accessDueAt: number;
  renewals: number[];
};

/** What the person sees first: who they are to Google, and how long they are let in. */
export function DashboardView({
  user,
  profile,
  cards,
  session,
  now,
}: {
  user: ShellUser;
  profile: Profile;
  /** What features show here. */
  cards?: ReactNode;
  session: Session;
  now: number;
}) {
  return (
    <div className="page">
      <div className="page-head">
        <h1>Hello, {user.name}</h1>
        <p className="lead">{user.email}</p>
      </div>
      <div className="columns">
        <Card
          title="From your Google account"
          description={
            profile.status === "ok"
              ? "Read from Google just now, with access that only the server can use."
              : undefined
          }
        >
          <ProfileFromGoogle profile={profile} />
        </Card>
        <Card title="You stay signed in until">
          <p className="figure">
            <SessionEnd at={session.endsAt} now={now} />
          </p>
          <p className="card-remark">
            <SessionLimit
              endsAt={session.endsAt}
              absoluteEndsAt={session.absoluteEndsAt}
              now={now}
            />
          </p>
        </Card>
      </div>
      {cards}
      <Card
        title="Google access"
        description={
          <>
            Google access last renewed <Moment at={session.renewedAt} kind="relative" now={now} />.
          </>
        }
      >
        <AccessTimeline
          renewals={session.renewals}
          renewedAt={session.renewedAt}
          dueAt={session.accessDueAt}
          expiresAt={session.accessExpiresAt}
          now={now}
        />
      </Card>
    </div>
  );
}

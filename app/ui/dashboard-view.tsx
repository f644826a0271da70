import { AccessTimeline } from "./access-timeline";
import { Avatar } from "./avatar";
import { LinkButton } from "./button";
import { Card } from "./card";
import { Facts } from "./description-list";
import { Moment } from "./moment";
import { Notice } from "./notice";
import { SessionEnd, SessionLimit } from "./session-lasts";
import type { ShellUser } from "./shell";

export type DashboardProfile =
  | {
      status: "ok";
      name: string;
      email: string;
      picture: string | null;
      locale?: string;
      verified: boolean;
    }
  | { status: "unavailable" };

export type DashboardSession = {
  startedAt: number;
  /** Until when the person stays signed in if nothing is done. */
  endsAt: number;
  absoluteEndsAt: number;
  renewedAt: number;
  accessExpiresAt: number;
  accessDueAt: number;
};

function EmailAddress({ email, verified }: { email: string; verified: boolean }) {
  return (
    <>
      {email}
      <span className="remark">{verified ? "Verified by Google" : "Not verified by Google"}</span>
    </>
  );
}

function ProfileFromGoogle({ profile }: { profile: DashboardProfile }) {
  if (profile.status === "unavailable") {
    return (
      <>
        <Notice tone="warn" title="Google can’t be reached just now">
          <p>Your profile will be back when Google is. You stay signed in.</p>
        </Notice>
        <LinkButton to="/dashboard" reloadDocument>
          Try again
        </LinkButton>
      </>
    );
  }
  const locale = profile.locale === undefined ? [] : [{ term: "Language", value: profile.locale }];
  return (
    <div className="profile">
      <Avatar name={profile.name} picture={profile.picture} size="large" />
      <Facts
        items={[
          { term: "Name", value: profile.name },
          { term: "Email", value: <EmailAddress {...profile} /> },
          ...locale,
        ]}
      />
    </div>
  );
}

/** What the person sees first: who they are to Google, and how long they are let in. */
export function DashboardView({
  user,
  profile,
  session,
  now,
}: {
  user: ShellUser;
  profile: DashboardProfile;
  session: DashboardSession;
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
              ? "Read from Google just now, with access that only the server holds."
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
      <Card
        title="Google access"
        description={
          <>
            Google access last renewed <Moment at={session.renewedAt} kind="relative" now={now} />.
          </>
        }
      >
        <AccessTimeline
          renewedAt={session.renewedAt}
          dueAt={session.accessDueAt}
          expiresAt={session.accessExpiresAt}
          now={now}
        />
      </Card>
    </div>
  );
}

import { Avatar } from "../ui/avatar";
import { LinkButton } from "../ui/button";
import { Facts } from "../ui/description-list";
import { Notice } from "../ui/notice";

export type Profile =
  | {
      status: "ok";
      name: string;
      email: string;
      picture: string | null;
      locale?: string;
      verified: boolean;
    }
  | { status: "unavailable"; cause: string };

function EmailAddress({ email, verified }: { email: string; verified: boolean }) {
  return (
    <>
      {email}
      <span className="remark">{verified ? "Verified by Google" : "Not verified by Google"}</span>
    </>
  );
}

const GAPS: Readonly<Record<string, { title: string; message: string }>> = {
  admin_policy: {
    title: "Your organisation has stopped this",
    message:
      "An administrator has to allow this app before it can ask Google again. You stay signed in.",
  },
  org_internal: {
    title: "Google lets only one organisation’s members use this",
    message: "Your account isn’t one of them any more. You stay signed in here.",
  },
};
const UNREACHABLE = {
  title: "Google can’t be reached just now",
  message: "Your profile will be back when Google is. You stay signed in.",
};

/** What Google says about the person, or the gap while it cannot be asked. */
export function ProfileFromGoogle({ profile }: { profile: Profile }) {
  if (profile.status === "unavailable") {
    const { title, message } = GAPS[profile.cause] ?? UNREACHABLE;
    return (
      <>
        <Notice tone="warn" title={title}>
          <p>{message}</p>
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

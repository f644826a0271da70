import { Avatar } from "./avatar";
import { LinkButton } from "./button";
import { Facts } from "./description-list";
import { Notice } from "./notice";

export type Profile =
  | {
      status: "ok";
      name: string;
      email: string;
      picture: string | null;
      locale?: string;
      verified: boolean;
    }
  | { status: "unavailable" };

function EmailAddress({ email, verified }: { email: string; verified: boolean }) {
  return (
    <>
      {email}
      <span className="remark">{verified ? "Verified by Google" : "Not verified by Google"}</span>
    </>
  );
}

/** What Google says about the person, or the gap while it cannot be asked. */
export function ProfileFromGoogle({ profile }: { profile: Profile }) {
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

import { BRAND } from "../brand/brand";
import { LinkButton } from "../ui/button";
import { GoogleSignInForm } from "../ui/google-button";
import type { ShellUser } from "../ui/shell";
import { KeyDrawing } from "./key-drawing";

const FACTS = [
  {
    title: "Sign in once",
    text: `Google’s access lasts an hour. ${BRAND.name} renews it before it runs out, so you are not asked again.`,
  },
  {
    title: "Tokens stay out of reach",
    text: "Your browser carries one sealed cookie that only the server can open. No page and no script ever sees a token.",
  },
  {
    title: "It ends everywhere",
    text: "Sign out, and the session is over at once, in every tab and on every server. Withdraw access at Google, and it ends as well.",
  },
] as const;

/** The public front door. */
export function HomeView({ user }: { user: ShellUser | null }) {
  return (
    <div className="home">
      <div className="hero">
        <h1>
          <span>Sign in once.</span> <span>Stay signed in.</span>
        </h1>
        <p className="lead">
          {BRAND.name} lets you in with your Google account and keeps you in. It renews Google’s
          access quietly on the server, so you come back tomorrow and simply carry on.
        </p>
        {user === null ? (
          <GoogleSignInForm returnTo="/dashboard" />
        ) : (
          <div className="hero-action">
            <LinkButton variant="primary" to="/dashboard">
              Go to your dashboard
            </LinkButton>
            <p className="aside">You are signed in as {user.email}.</p>
          </div>
        )}
      </div>
      <KeyDrawing />
      <ul className="promises">
        {FACTS.map(({ title, text }) => (
          <li key={title}>
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}

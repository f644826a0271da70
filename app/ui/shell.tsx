import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { Avatar } from "./avatar";
import { Mark } from "./mark";
import { SignOutForm } from "./sign-out-form";

export type ShellUser = { name: string; email: string; picture: string | null };

export type ShellPlace = "home" | "dashboard" | "account" | "agenda" | null;

const PLACES = [
  { place: "dashboard", to: "/dashboard", label: "Dashboard" },
  { place: "account", to: "/account", label: "Account" },
] as const;

function PlaceLinks({ current }: { current: ShellPlace }) {
  return (
    <nav className="places" aria-label="Main">
      {PLACES.map(({ place, to, label }) => (
        <Link key={place} to={to} aria-current={place === current ? "page" : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}

/** Header, main and footer, with nothing in them that depends on who is there. */
export function Frame({ header, children }: { header?: ReactNode; children: ReactNode }) {
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="site-header">
        <div className="site-header-row">
          <Link className="brand" to="/">
            <Mark />
            Latchkey
          </Link>
          {header}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <footer className="site-footer">
        <p>Google’s tokens stay with the server. Your browser keeps one sealed cookie.</p>
      </footer>
    </div>
  );
}

/** The frame of every page: where you are, who you are, and the way out. */
export function Shell({
  user,
  current,
  children,
}: {
  user: ShellUser | null;
  current: ShellPlace;
  children: ReactNode;
}) {
  const header =
    user === null ? (
      <Link className="sign-in-link" to="/login">
        Sign in
      </Link>
    ) : (
      <>
        <PlaceLinks current={current} />
        <div className="person">
          <Avatar name={user.name} picture={user.picture} />
          <span className="person-name">{user.name}</span>
          <SignOutForm />
        </div>
      </>
    );
  return <Frame header={header}>{children}</Frame>;
}

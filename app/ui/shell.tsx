import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { BRAND } from "../brand/brand";
import { Mark } from "../brand/mark";
import { Avatar } from "./avatar";
import { SignOutForm } from "./sign-out-form";

export type ShellUser = { name: string; email: string; picture: string | null };

const PLACES = [
  { place: "dashboard", to: "/dashboard", label: "Dashboard" },
  { place: "agenda", to: "/agenda", label: "Agenda" },
  { place: "account", to: "/account", label: "Account" },
] as const;

/** Where in the app somebody is; null on a page that the header doesn’t name. */
export type ShellPlace = "home" | (typeof PLACES)[number]["place"] | null;

export function placeOf(pathname: string): ShellPlace {
  if (pathname === "/") return "home";
  const [, first] = pathname.split("/");
  return PLACES.find(({ place }) => place === first)?.place ?? null;
}

function Brand() {
  return (
    <Link className="brand" to="/">
      <Mark />
      <bdi>{BRAND.name}</bdi>
    </Link>
  );
}

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

/** Who is there, where they can go, and the way out. */
function SignedInHeader({ user, current }: { user: ShellUser; current: ShellPlace }) {
  return (
    <div className="site-header-row site-header-row-person">
      <Brand />
      <PlaceLinks current={current} />
      <div className="person">
        <Avatar name={user.name} picture={user.picture} />
        <span className="person-name">{user.name}</span>
        <SignOutForm />
      </div>
    </div>
  );
}

function SignedOutHeader() {
  return (
    <div className="site-header-row">
      <Brand />
      <Link className="sign-in-link" to="/login">
        Sign in
      </Link>
    </div>
  );
}

/** The frame of every page. `veiled`: nobody may see what it holds, but it stays as it is. */
export function Shell({
  user,
  current,
  veiled,
  children,
}: {
  user: ShellUser | null;
  current: ShellPlace;
  veiled: boolean;
  children: ReactNode;
}) {
  return (
    <div className={veiled ? "shell shell-veiled" : "shell"}>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="site-header">
        {user === null ? <SignedOutHeader /> : <SignedInHeader user={user} current={current} />}
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <footer className="site-footer">
        <p>Your browser keeps one sealed cookie. Only the server can open it.</p>
      </footer>
    </div>
  );
}

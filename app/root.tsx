import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import {
  isRouteErrorResponse,
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useLocation,
  useRouteError,
  useRouteLoaderData,
} from "@remix-run/react";
import type { ReactNode } from "react";
import { type PageSeed, seedPage } from "./auth/seed-page.server";
import { SessionProvider } from "./client/use-session";
import stylesheet from "./ui/app.css?url";
import { useNonce } from "./ui/nonce";
import { ProblemPage } from "./ui/problem-page";
import { SessionFrame } from "./ui/session-frame";
import type { ShellPlace } from "./ui/shell";

export const links: LinksFunction = () => [
  { rel: "stylesheet", href: stylesheet },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export const meta: MetaFunction = () => [{ title: "Latchkey" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  return seedPage(request, context);
}

const NOBODY: PageSeed = {
  report: { status: "unauthenticated", reason: null },
  final: false,
  now: 0,
  noticeMs: 0,
};

export function Layout({ children }: { children: ReactNode }) {
  // Absent when the loader itself failed; the page then shows nobody.
  const seed = useRouteLoaderData<typeof loader>("root") ?? NOBODY;
  const { pathname } = useLocation();
  const nonce = useNonce();
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <Meta />
        <Links />
      </head>
      <body>
        <SessionProvider seed={seed}>
          <SessionFrame seed={seed} current={placeOf(pathname)}>
            {children}
          </SessionFrame>
        </SessionProvider>
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  const home = { label: "Go to the start page", to: "/" };
  if (isRouteErrorResponse(error) && error.status === 404) {
    return (
      <ProblemPage
        title="There is no such page"
        message="The address may be mistyped, or the page has moved."
        nextStep={home}
      />
    );
  }
  if (isRouteErrorResponse(error) && error.status === 503) {
    return (
      <ProblemPage
        title="Google can’t be reached just now"
        message="You stay signed in. Please try again in a minute."
        nextStep={home}
      />
    );
  }
  return (
    <ProblemPage
      title="Something went wrong on our side"
      message="It isn’t your fault, and you are still signed in if you were. Please try again."
      nextStep={home}
    />
  );
}

function placeOf(pathname: string): ShellPlace {
  if (pathname === "/") return "home";
  const [, first] = pathname.split("/");
  return first === "dashboard" || first === "account" || first === "agenda" ? first : null;
}

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
import isNetworkError from "is-network-error";
import { type ReactNode, useEffect } from "react";
import { type PageSeed, seedPage } from "./auth/seed-page.server";
import { BRAND, pageTitle } from "./brand/brand";
import { SessionProvider } from "./client/use-session";
import stylesheet from "./root.css?url";
import { MadeForProvider } from "./ui/made-for";
import { useNonce } from "./ui/nonce";
import { ProblemPage } from "./ui/problem-page";
import { SessionFrame } from "./ui/session-frame";
import { placeOf } from "./ui/shell";
import { UnreachablePage } from "./ui/unreachable-page";

export const links: LinksFunction = () => [
  { rel: "stylesheet", href: stylesheet },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export const meta: MetaFunction = () => [
  { title: pageTitle() },
  { name: "description", content: BRAND.description },
];

export async function loader({ request, context }: LoaderFunctionArgs) {
  return seedPage(request, context);
}

/** What this document was told last. Only effects write it, so that on the server it stays nobody. */
let lastSeed: PageSeed = {
  report: { status: "unauthenticated", reason: null },
  final: false,
  now: 0,
  noticeMs: 0,
  madeFor: null,
};

/** The root loader’s word. Where it could not be asked, such as offline, its last one stands. */
function useSeed(): PageSeed {
  const seed = useRouteLoaderData<typeof loader>("root") ?? lastSeed;
  useEffect(() => {
    lastSeed = seed;
  }, [seed]);
  return seed;
}

export function Layout({ children }: { children: ReactNode }) {
  const seed = useSeed();
  // An error page has a frame of its own, made from what was told before.
  const failed = (useRouteError() ?? null) !== null;
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
        <SessionProvider seed={seed} stale={failed}>
          <MadeForProvider madeFor={seed.madeFor}>
            <SessionFrame seed={seed} failed={failed} current={placeOf(pathname)}>
              {children}
            </SessionFrame>
          </MadeForProvider>
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
  if (isNetworkError(error)) return <UnreachablePage />;
  return (
    <ProblemPage
      title="Something went wrong on our side"
      message="It isn’t your fault, and you are still signed in if you were. Please try again."
      nextStep={home}
    />
  );
}

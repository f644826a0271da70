import type { BrowserContext } from "@playwright/test";
import type { TestApp } from "../support/test-app";
import type { Visitor } from "../support/visitor";
import { ADA } from "./sign-in-at-google";

/** Lets a browser begin with a session, for tests that aren’t about signing in. */
export async function signInBefore(
  context: BrowserContext,
  app: TestApp,
  { account = ADA, features = [] }: { account?: string; features?: string[] } = {},
): Promise<Visitor> {
  // Of two sessions begun at one moment neither is the newer.
  await app.clock.advance(1000);
  const visitor = app.visitor();
  await visitor.signIn({ account });
  for (const feature of features) await visitor.allow(feature);
  const cookies = visitor.jar.names().map((name) => ({
    name,
    value: visitor.jar.get(name) ?? "",
    url: app.origin,
    httpOnly: true,
    sameSite: "Lax" as const,
  }));
  await context.addCookies(cookies);
  return visitor;
}

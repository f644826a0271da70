import { fileURLToPath } from "node:url";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { freePort } from "../support/free-port";
import { listenForTests } from "../support/listen-for-tests";
import { startTestApp, type TestApp, type TestAppOptions } from "../support/test-app";
import type { Visitor } from "../support/visitor";

export { expect };

export const ADA = "ada.lovelace@gmail.com";

/** The production build with a local Google, both in this worker, with a clock that tests move. */
export const test = base.extend<
  { fresh: undefined; failOnNoise: undefined; expectedNoise: RegExp | null },
  { app: TestApp; appOptions: TestAppOptions }
>({
  /** What a file's app has that others' have not. */
  appOptions: [{}, { option: true, scope: "worker" }],

  app: [
    async ({ appOptions }, use) => {
      const port = await freePort();
      const app = await startTestApp({
        // Browsers judge a cookie's age by their own clock, so the server's starts where theirs is.
        startAt: Date.now(),
        ...appOptions,
        settings: { ...appOptions.settings, appOrigin: `http://localhost:${port}` },
        clientDirectory: fileURLToPath(new URL("../../build/client", import.meta.url)),
      });
      const close = await listenForTests(app.fetch, port);
      await use(app);
      await close();
      await app.stop();
    },
    { scope: "worker" },
  ],

  baseURL: async ({ app }, use) => use(app.origin),

  /**
   * Google as each test expects it, whatever came before; and what the server did before a test failed,
   * also on a machine that keeps no traces. Hooks in this file would run for one spec only.
   */
  fresh: [
    async ({ app }, use, test) => {
      app.google.control.reset();
      // Of two sessions begun at one moment neither is the newer, and tests share the store.
      await app.clock.advance(1000);
      await use(undefined);
      if (test.status === test.expectedStatus) return;
      const lines = app.log.lines.slice(-LOG_TAIL).map((line) => JSON.stringify(line));
      const title = `The server's log before the end of "${test.title}":`;
      process.stdout.write(`${[title, ...lines].join("\n")}\n`);
    },
    { auto: true },
  ],

  /** What a test's own doing makes the browser say, such as a network that is cut off. */
  expectedNoise: [null, { option: true }],

  /** What nobody expected to read in the console, or to fail, fails the test. */
  failOnNoise: [
    async ({ context, expectedNoise }, use) => {
      const noise: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") noise.push(message.text());
      });
      context.on("weberror", (error) => noise.push(String(error.error())));
      await use(undefined);
      expect(noise.filter((line) => !expectedNoise?.test(line))).toEqual([]);
    },
    { auto: true },
  ],
});

const LOG_TAIL = 30;

/** Lets a browser begin with a session, for tests that aren't about signing in. */
export async function signInBefore(
  context: BrowserContext,
  app: TestApp,
  { features = [] }: { features?: string[] } = {},
): Promise<Visitor> {
  const visitor = app.visitor();
  await visitor.signIn({ account: ADA });
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

/**
 * Presses the button on the page at hand and answers what Google asks as `email`: the chooser, which
 * a hint at the account makes unnecessary, and the consent page, which only comes the first time.
 */
export async function signInAtGoogle(page: Page, email = ADA): Promise<void> {
  await page.getByRole("button", { name: "Sign in with Google" }).click();
  const chooser = page.getByRole("button", { name: email });
  const allow = page.getByRole("button", { name: "Allow" });
  const signedIn = page.getByRole("button", { name: "Sign out", exact: true });
  await expect(chooser.or(allow)).toBeVisible();
  if (await chooser.isVisible()) await chooser.click();
  await expect(allow.or(signedIn)).toBeVisible();
  if (await allow.isVisible()) await allow.click();
  await expect(signedIn).toBeVisible();
}

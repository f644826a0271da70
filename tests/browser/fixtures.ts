import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";
import { openStore } from "../../app/store/store.server";
import { freePort } from "../support/free-port";
import { listenForTests } from "../support/listen-for-tests";
import { startTestApp, type TestApp, type TestAppOptions } from "../support/test-app";
import { LeakWatch } from "./leak-watch";

export { expect };

const BUILT_FOR_BROWSERS = fileURLToPath(new URL("../../build/client", import.meta.url));

const LOG_TAIL = 30;

/** The production build with a local Google, both in this worker, with a clock that tests move. */
export const test = base.extend<
  {
    freshWorld: undefined;
    failOnNoise: undefined;
    failOnLeak: undefined;
    expectedNoise: RegExp | null;
  },
  { app: TestApp; appOptions: TestAppOptions; leakWatch: LeakWatch }
>({
  /** What a file’s app has that others' have not. */
  appOptions: [{}, { option: true, scope: "worker" }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern.
  leakWatch: [async ({}, use) => use(new LeakWatch()), { scope: "worker" }],

  app: [
    async ({ appOptions, leakWatch }, use) => {
      const port = await freePort();
      const folder = mkdtempSync(join(tmpdir(), "latchkey-browser-"));
      // The database’s clock is the machine’s, so the app’s.
      const machine = { now: () => Date.now() };
      const databaseUrl = `file:${join(folder, "latchkey.db")}`;
      const opened = await openStore({ databaseUrl, clock: { now: () => machine.now() } });
      if (!opened.ok) throw new Error(opened.error.reason);
      const app = await startTestApp({
        // Browsers judge a cookie’s age by their own clock, so the server’s starts where theirs is.
        startAt: Date.now(),
        store: opened.store,
        ...appOptions,
        settings: {
          logLevel: "debug",
          ...appOptions.settings,
          appOrigin: `http://localhost:${port}`,
        },
        clientDirectory: BUILT_FOR_BROWSERS,
      });
      machine.now = app.clock.now;
      const close = await listenForTests(leakWatch.listenTo(app.fetch), port);
      await use(app);
      await close();
      await app.stop();
      leakWatch.readFiles("the database", folder);
      leakWatch.readFiles("build/client", BUILT_FOR_BROWSERS);
      expect(leakWatch.leaks()).toEqual([]);
      rmSync(folder, { recursive: true });
    },
    { scope: "worker" },
  ],

  baseURL: async ({ app }, use) => use(app.origin),

  /** What a test’s own doing makes the browser say, such as a network that is cut off. */
  expectedNoise: [null, { option: true }],

  /**
   * Each test finds a Google and an app that know nobody. (A hook of this file would only be one of the
   * first file that loads it.) A machine that keeps no traces still shows what the server did before a
   * test failed.
   */
  freshWorld: [
    async ({ app }, use, test) => {
      app.google.control.reset();
      await app.store.endAllSessions({ reason: "signed_out" });
      await app.clock.advance(1000);
      await use(undefined);
      if (test.status === test.expectedStatus) return;
      const lines = app.log.lines.slice(-LOG_TAIL).map((line) => JSON.stringify(line));
      process.stdout.write(
        `${[`The server’s log before the end of "${test.title}":`, ...lines].join("\n")}\n`,
      );
    },
    { auto: true },
  ],

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

  /** No token, code, verifier or secret in what browsers get, send or keep, or in the log. */
  failOnLeak: [
    // The context comes first, so that it is still open when the pages are looked at.
    async ({ app, browser, context: _context, leakWatch }, use) => {
      await use(undefined);
      leakWatch.learn(app.google.calls);
      leakWatch.readLog(app.log.lines);
      await leakWatch.readBrowser(browser, app.origin);
      expect(leakWatch.leaks()).toEqual([]);
    },
    { auto: true },
  ],
});

import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { findBrowser } from "../support/find-browser.mjs";
import type { TestApp } from "../support/test-app";
import { expect, test } from "./fixtures";
import { signInAtGoogle } from "./sign-in-at-google";
import { signInBefore } from "./sign-in-before";

const MINUTE = 60_000;
const DAY = 86_400_000;
const WITHIN_A_SECOND = { timeout: 1000 };
/**
 * For what a message alone can bring: the interval is minutes, and nobody looks. It takes a fraction of
 * the second that it may; a busy machine takes longer over loading the page.
 */
const BY_MESSAGE = { timeout: 5000 };

const signOut = (page: Page) => page.getByRole("button", { name: "Sign out", exact: true });
const greeting = (page: Page) => page.getByRole("heading", { name: "Hello, Ada Lovelace" });
const cannotCheck = (page: Page) => page.getByText("Can’t check whether you are still signed in");

/** Somebody signed in who looks at the dashboard. */
async function openDashboard(page: Page, app: TestApp): Promise<void> {
  await signInBefore(page.context(), app);
  await page.goto("/dashboard");
  await expect(greeting(page)).toBeVisible();
}

/** Counts what a browser’s pages ask of `/api/session`. */
function countReads(context: BrowserContext): { count: number } {
  const reads = { count: 0 };
  context.on("request", (request) => {
    if (request.url().endsWith("/api/session")) reads.count++;
  });
  return reads;
}

/** Waits until no tab asks any more: whoever asks holds a lock, from the moment its timer fires. */
async function answered(page: Page): Promise<void> {
  const asking = async () => {
    const { held = [], pending = [] } = await navigator.locks.query();
    return held.length + pending.length;
  };
  await expect.poll(() => page.evaluate(asking)).toBe(0);
}

/** A person who comes back to the window, until `seen` holds: the first look may come too soon to count. */
async function lookAgain(page: Page, seen: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await seen();
  }).toPass({ timeout: 10_000 });
}

test.describe("several tabs", () => {
  test("SO-13 UX-02 a sign-out in one takes private content off all others within a second, or when they are looked at, and a sign-in brings them back", async ({
    context,
    app,
  }) => {
    const [first, second, third, deaf] = [
      await context.newPage(),
      await context.newPage(),
      await context.newPage(),
      await context.newPage(),
    ];
    await deaf.addInitScript(() => Reflect.deleteProperty(window, "BroadcastChannel"));
    await openDashboard(first, app);
    await Promise.all([second.goto("/account"), third.goto("/"), deaf.goto("/dashboard")]);
    await expect(signOut(third)).toBeVisible();

    await signOut(first).click();
    await expect(first.getByText("You are signed out")).toBeVisible();
    await expect(second).toHaveURL(/\/login\?returnTo=%2Faccount/, BY_MESSAGE);
    await expect(second.getByText("ada.lovelace@gmail.com")).toBeHidden();
    await expect(third.getByRole("button", { name: "Sign in with Google" })).toBeVisible(
      BY_MESSAGE,
    );
    await expect(third.getByText("ada.lovelace@gmail.com")).toBeHidden();
    await expect(greeting(deaf)).toBeVisible();
    await lookAgain(deaf, () => expect(deaf).toHaveURL(/\/login/, WITHIN_A_SECOND));
    await expect(deaf.getByText("ada.lovelace@gmail.com")).toHaveCount(0);

    await first.goto("/dashboard");
    await signInAtGoogle(first);
    await expect(second).toHaveURL(/\/account$/, BY_MESSAGE);
    await expect(signOut(third)).toBeVisible(BY_MESSAGE);
  });

  test("SO-12 UX-02 the back button shows nothing private after a sign-out", async ({
    page,
    app,
  }) => {
    await openDashboard(page, app);
    await page.getByRole("link", { name: "Account" }).click();
    await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
    await signOut(page).click();
    await expect(page.getByText("You are signed out")).toBeVisible();
    for (let step = 0; step < 2; step++) {
      await page.goBack();
      await expect(page.getByRole("button", { name: "Sign in with Google" })).toBeVisible();
      await expect(page.getByText("ada.lovelace@gmail.com")).toHaveCount(0);
    }
  });

  test("UX-01 one asks for all, and a page that opens asks nothing", async ({ context, app }) => {
    const reads = countReads(context);
    const [first, ...others] = [
      await context.newPage(),
      await context.newPage(),
      await context.newPage(),
    ];
    await openDashboard(first, app);
    await Promise.all(others.map((other) => other.goto("/dashboard")));
    // Until their scripts run too.
    await Promise.all(others.map((other) => other.waitForLoadState("networkidle")));
    expect(reads.count).toBe(0);
    await app.clock.advance(31 * DAY);
    await first.evaluate(() => window.dispatchEvent(new Event("online")));
    for (const page of [first, ...others]) {
      await expect(page.getByRole("dialog")).toContainText("You were away for a while");
    }
    expect(reads.count).toBe(1);
  });
});

test.describe("several browsers", () => {
  test("UX-02 an end from another device is noticed when the person looks again", async ({
    page,
    browser,
    baseURL,
    app,
  }) => {
    await openDashboard(page, app);
    const elsewhere = await browser.newContext({ ...(baseURL && { baseURL }) });
    const other = await elsewhere.newPage();
    await signInBefore(elsewhere, app);
    await other.goto("/account");
    await other.getByText("Sign out other devices").first().click();
    await other.getByRole("button", { name: "Yes, sign them out" }).click();
    await expect(other.getByText("You are signed out everywhere else.")).toBeVisible();

    await lookAgain(page, () =>
      expect(page).toHaveURL(
        /\/login\?returnTo=%2Fdashboard&reason=ended_elsewhere$/,
        WITHIN_A_SECOND,
      ),
    );
    await expect(page.getByText("ada.lovelace@gmail.com")).toHaveCount(0);
    await expect(signOut(other)).toBeVisible();
    await elsewhere.close();
  });
});

test.describe("a tab left open", () => {
  test("UX-01 CS-05 for 40 days of sleep asks once when it wakes, and does what the server says", async ({
    page,
    context,
    app,
  }) => {
    const reads = countReads(context);
    await page.clock.install();
    await openDashboard(page, app);
    await page.clock.fastForward(40 * DAY);
    await expect.poll(() => reads.count).toBe(1);
    await expect(signOut(page)).toBeVisible();
    await page.clock.fastForward(1000);
    expect(reads.count).toBe(1);

    await app.clock.advance(40 * DAY);
    await page.clock.fastForward(40 * DAY);
    await expect(page.getByRole("dialog")).toContainText("You were away for a while");
    await page.clock.fastForward(1000);
    expect(reads.count).toBe(2);
  });

  test("UX-01 and throttled to one turn a minute asks every few minutes, not more", async ({
    page,
    context,
    app,
  }) => {
    const reads = countReads(context);
    await page.clock.install();
    await openDashboard(page, app);
    for (let minute = 0; minute < 30; minute++) {
      await page.clock.fastForward(MINUTE);
      await answered(page);
    }
    expect(reads.count).toBeGreaterThanOrEqual(4);
    expect(reads.count).toBeLessThanOrEqual(7);
    await expect(signOut(page)).toBeVisible();
  });
});

test.describe("without a network", () => {
  // Remix may still be looking ahead at the page’s links.
  test.use({
    expectedNoise: /ERR_INTERNET_DISCONNECTED|ERR_FAILED|503/,
  });

  test("UX-01 a page says that it could not check, backs off, and goes on by itself", async ({
    page,
    context,
    app,
  }) => {
    const reads = countReads(context);
    await page.clock.install();
    await openDashboard(page, app);
    await context.setOffline(true);
    for (let turn = 0; turn < 2; turn++) {
      const before = reads.count;
      await page.clock.fastForward(6 * MINUTE);
      await expect.poll(() => reads.count).toBeGreaterThan(before);
    }
    await expect(cannotCheck(page)).toBeVisible();
    await expect(greeting(page)).toBeVisible();
    await expect(signOut(page)).toBeVisible();
    const before = reads.count;
    await page.clock.runFor(10 * MINUTE);
    expect(reads.count - before).toBeLessThan(10);

    await context.setOffline(false);
    await expect(cannotCheck(page)).toBeHidden();
    await expect(greeting(page)).toBeVisible();
  });

  test("UX-01 one failed read changes nothing that can be seen", async ({ page, context, app }) => {
    await page.clock.install();
    await openDashboard(page, app);
    let failed = 0;
    await context.route("**/api/session", (route) => {
      failed++;
      return route.fulfill({ status: 503, contentType: "text/html", body: "<h1>Not now</h1>" });
    });
    await page.clock.fastForward(6 * MINUTE);
    await expect.poll(() => failed).toBe(1);
    await expect(greeting(page)).toBeVisible();
    await expect(cannotCheck(page)).toBeHidden();
    await expect(page).toHaveURL(/\/dashboard$/);
  });
});

test("a page says quietly that Google isn’t answering, and asks again by itself", async ({
  page,
  app,
}) => {
  await page.clock.install();
  await openDashboard(page, app);
  await app.clock.advance(61 * MINUTE);
  app.google.faults.set("token", { kind: "status", status: 403 });
  await lookAgain(page, () =>
    expect(page.getByText("Google isn’t answering at the moment")).toBeVisible(WITHIN_A_SECOND),
  );
  await expect(signOut(page)).toBeVisible();
  app.google.faults.clear();
  await app.clock.advance(10 * MINUTE);
  await page.clock.fastForward(10 * MINUTE);
  await expect(page.getByText("Google isn’t answering at the moment")).toBeHidden();
});

test.describe("the back/forward cache", () => {
  // By the events alone: Playwright starts its browsers without the cache.
  test("UX-02 gives back a page that is veiled until the server has answered", async ({
    page,
    context,
    app,
  }) => {
    await openDashboard(page, app);
    let answer = () => {};
    const mayAnswer = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await context.route("**/api/session", async (route) => {
      await mayAnswer;
      await route.continue();
    });
    // The page’s script may not have been there yet.
    await expect(async () => {
      await fireTransition(page, "pagehide");
      await expect(greeting(page)).toBeHidden(WITHIN_A_SECOND);
    }).toPass({ timeout: 10_000 });
    await fireTransition(page, "pageshow");
    await expect(greeting(page)).toBeHidden();
    answer();
    await expect(greeting(page)).toBeVisible();
  });

  test("SO-12 CS-07 UX-02 where there is a real one, shows nothing private after a sign-out elsewhere, and isn’t kept out of it by the channel", async ({
    baseURL,
    app,
  }) => {
    const executablePath = findBrowser();
    const browser = await chromium.launch({
      ...(executablePath && { executablePath }),
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    const context = await browser.newContext({ ...(baseURL && { baseURL }) });
    const page = await context.newPage();
    await openDashboard(page, app);
    await page.goto("/healthz");
    await page.goBack({ waitUntil: "commit" });
    await expect(greeting(page)).toBeVisible();
    // Chromium leaves a no-store page out once its script has read another no-store answer, and gives
    // that as the reason: neither the channel nor a lock was in the way.
    expect(await page.evaluate(whyNotKept)).not.toMatch(/broadcast|lock/i);
    await page.goto("/healthz");
    const other = await context.newPage();
    await other.goto("/account");
    await signOut(other).click();
    await expect(other.getByText("You are signed out")).toBeVisible();
    await page.goBack({ waitUntil: "commit" });
    await expect(page.getByRole("button", { name: "Sign in with Google" })).toBeVisible();
    await expect(page.getByText("ada.lovelace@gmail.com")).toHaveCount(0);
    await browser.close();
  });
});

/** Why the browser didn’t keep the page that it has just loaded again; "" where it did. */
function whyNotKept(): string {
  const [navigation] = performance.getEntriesByType("navigation");
  const reasons = navigation && "notRestoredReasons" in navigation && navigation.notRestoredReasons;
  return reasons ? JSON.stringify(reasons) : "";
}

function fireTransition(page: Page, type: "pagehide" | "pageshow"): Promise<unknown> {
  return page.evaluate(
    (name) => window.dispatchEvent(new PageTransitionEvent(name, { persisted: true })),
    type,
  );
}

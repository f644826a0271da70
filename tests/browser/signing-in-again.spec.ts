import type { BrowserContext, Locator, Page } from "@playwright/test";
import type { TestApp } from "../support/test-app";
import { expectFine } from "./expect-fine";
import { expect, test } from "./fixtures";
import { addEvent, addedEvents, fillEvent, fillNote, storedForms, text } from "./half-filled";
import { received, withNotePage } from "./note-page";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

const MINUTE = 60_000;
const IDLE_MS = 20 * MINUTE;
const ABSOLUTE_MS = 60 * MINUTE;

test.use({
  appOptions: {
    settings: { sessionIdleMs: IDLE_MS, sessionAbsoluteMs: ABSOLUTE_MS },
    changeBuild: withNotePage,
  },
  // The small window closes while Remix still looks ahead at its links; a test cuts the network off.
  expectedNoise: /ERR_FAILED/,
});

const layer = (page: Page) => page.getByRole("dialog");
const signInAgain = (page: Page) => page.getByRole("button", { name: "Sign in again" });

/** The session reaches its idle limit, and the page finds out. */
async function endSession(page: Page, app: TestApp): Promise<void> {
  await app.clock.advance(IDLE_MS);
  await lookAgain(page, layer(page));
}

/** The network is back, until `seen` can be seen: the page’s script may not have been there yet. */
async function lookAgain(page: Page, seen: Locator): Promise<void> {
  await expect(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await expect(seen).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 10_000 });
}

/** On our own page in the small window; what else is pressed there is on Google’s. */
const OUR_BUTTON = "Sign in with Google";

/** Presses "Sign in again", and `button` in the small window that opens, which then closes itself. */
async function signInInWindow(page: Page, button: string): Promise<void> {
  const opening = page.waitForEvent("popup");
  await signInAgain(page).click();
  const small = await opening;
  const closing = small.waitForEvent("close");
  const press = small.getByRole("button", { name: button });
  if (button === OUR_BUTTON) {
    // React 18 tells of a press while it takes over a page as an error of its own (#345): all goes well.
    await expect
      .poll(() => press.evaluate((element) => Object.keys(element).join()))
      .toContain("react");
  }
  await press.click();
  await closing;
}

/**
 * Presses again when the first request is on its way, which a plain double click is too quick for. Nobody
 * waits for the second press: a quick answer may have taken the page away by then.
 */
async function pressTwice(button: Locator): Promise<void> {
  await button.evaluate((element: HTMLButtonElement) => {
    element.click();
    setTimeout(() => element.click(), 15);
  });
}

async function blockPopups(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.open = () => null;
  });
}

test("UX-03 a session that ends by itself leaves the page and what was typed, and goes on after signing in in a small window", async ({
  page,
  app,
}) => {
  await fillNote(page, app);
  await endSession(page, app);
  await expect(layer(page)).toContainText("You were away for a while");
  await expect(layer(page)).toContainText(ADA);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(layer(page)).toBeVisible();

  // A read that fails now opens nothing, and throws nothing away.
  await page.route("**/api/session", (route) => route.abort());
  const failed = page.waitForEvent("requestfailed");
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await failed;
  await expect(layer(page)).toBeVisible();
  await page.unroute("**/api/session");

  // The hint at the account makes the chooser unnecessary, and consent was given before.
  await signInInWindow(page, OUR_BUTTON);
  await expect(layer(page)).toBeHidden();
  await expect(page).toHaveURL(/\/note$/);
  await expect(text(page)).toHaveValue("Call Charles");
  await expect(page.getByLabel("Secret")).toHaveValue("hunter2");
  await expect(page.getByText("What you typed is back")).toBeHidden();

  await pressTwice(page.getByRole("button", { name: "Send" }));
  await expect(text(page)).toHaveValue("");
  expect(received).toEqual(["Call Charles"]);
});

test("UX-03 with every popup blocked the person signs in on the page itself and finds the form filled, without its secrets", async ({
  page,
  context,
  app,
}) => {
  await blockPopups(context);
  await fillNote(page, app);
  await endSession(page, app);
  await signInAgain(page).click();
  await expect(page).toHaveURL(/\/login\?returnTo=%2Fnote&reason=idle$/);
  const stored = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  expect(stored).toContain("Call Charles");
  expect(stored).not.toMatch(/hunter2|ya29|eyJ/);

  await page.getByRole("button", { name: "Sign in with Google" }).click();
  await expect(page).toHaveURL(/\/note$/);
  await expect(page.getByText("What you typed is back")).toBeVisible();
  await expect(text(page)).toHaveValue("Call Charles");
  await expect(page.getByLabel("Urgent")).toBeChecked();
  await expect(page.getByLabel("Secret")).toHaveValue("");
  expect(await storedForms(page)).toBe("");
  expect(received).toEqual([]);
});

test("UX-03 CS-11 a form that was sent to an ended session is kept, and sent once when the person sends it again", async ({
  page,
  app,
}) => {
  await fillNote(page, app);
  await app.clock.advance(IDLE_MS);
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("You were away for a while")).toBeVisible();
  expect(received).toEqual([]);

  await page.getByRole("button", { name: "Sign in with Google" }).click();
  await expect(page.getByText("It was not sent.")).toBeVisible();
  await expect(text(page)).toHaveValue("Call Charles");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(text(page)).toHaveValue("");
  await page.reload();
  await expect(text(page)).toHaveValue("");
  expect(received).toEqual(["Call Charles"]);
});

test("UX-03 an event that is half written when the session ends is still there after the small window, and is added once", async ({
  page,
  app,
}) => {
  await fillEvent(page, app);
  await endSession(page, app);
  await signInInWindow(page, OUR_BUTTON);
  await expect(layer(page)).toBeHidden();
  await expect(page.getByLabel("Name")).toHaveValue("Ferry");
  await addEvent(page).dblclick();
  await expect(page.getByText("The event is in your calendar.")).toBeVisible();
  expect(addedEvents(app)).toBe(1);
});

test("UX-03 with every popup blocked an event comes back on the page itself, also after it was sent to an ended session, and is added once", async ({
  page,
  context,
  app,
}) => {
  await blockPopups(context);
  await fillEvent(page, app);
  await endSession(page, app);
  await signInAgain(page).click();
  for (const sentMeanwhile of [true, false]) {
    await page.getByRole("button", { name: "Sign in with Google" }).click();
    await expect(page.getByText("It was not sent.")).toBeVisible();
    await expect(page.getByLabel("Name")).toHaveValue("Ferry");
    await expect(page.getByLabel("Ends")).toHaveValue("23:30");
    if (sentMeanwhile) await app.clock.advance(IDLE_MS);
    await addEvent(page).click();
  }
  await expect(page.getByText("The event is in your calendar.")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("");
  expect(addedEvents(app)).toBe(1);
});

test("UX-03 what was typed outlasts a page that comes back without its form", async ({
  page,
  app,
}) => {
  await fillEvent(page, app);
  await endSession(page, app);
  // Google gives back the basics only, and no refresh token that covers more.
  app.google.control.setGrantedScopes(ADA, ["openid", "email", "profile"]);
  await signInInWindow(page, OUR_BUTTON);
  await page.getByRole("button", { name: "Continue with Google" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page.getByText("What you typed is back")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("Ferry");
});

test.describe("what Google doesn’t allow", () => {
  // Chromium writes a line for the answer that says so.
  test.use({ expectedNoise: /status of 403/ });

  test("DA-08 UX-03 what was typed outlasts going through Google for what is missing", async ({
    page,
    app,
  }) => {
    await fillEvent(page, app);
    app.google.faults.set("calendar", { kind: "api-error", reason: "insufficientPermissions" });
    await addEvent(page).click();
    await expect(page.getByText("The event wasn’t added")).toBeVisible();
    app.google.faults.clear();
    await page.getByRole("button", { name: "Continue with Google" }).click();
    await expect(page.getByText("It was not sent.")).toBeVisible();
    await expect(page.getByLabel("Name")).toHaveValue("Ferry");
    await addEvent(page).click();
    await expect(page.getByText("The event is in your calendar.")).toBeVisible();
    expect(addedEvents(app)).toBe(1);
  });
});

test("CS-11 a link that is followed after the end leads to sign-in, and from there to where it led", async ({
  page,
  app,
}) => {
  await fillNote(page, app);
  await app.clock.advance(IDLE_MS);
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByText("You were away for a while")).toBeVisible();
  await page.getByRole("button", { name: "Sign in with Google" }).click();
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
});

test("shows nobody else what was typed: another person who signs in gets a page of their own", async ({
  page,
  context,
  app,
}) => {
  await blockPopups(context);
  await fillNote(page, app);
  await endSession(page, app);
  await signInAgain(page).click();
  await page.waitForURL(/login/);
  await context.clearCookies();
  await signInAtGoogle(page, "grace.hopper@gmail.com");
  await expect(page).toHaveURL(/\/note$/);
  await expect.poll(() => storedForms(page)).toBe("");
  await expect(text(page)).toHaveValue("");
});

test("CS-11 the idle end is announced, with the time left and one button to stay", async ({
  page,
  app,
}) => {
  await fillNote(page, app);
  await app.clock.advance(IDLE_MS - 4 * MINUTE);
  await lookAgain(page, page.getByText("You will be signed out in 4 minutes"));
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(page.getByText("You will be signed out")).toBeHidden();
  await app.clock.advance(IDLE_MS - 6 * MINUTE);
  const read = page.waitForResponse("**/api/session");
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await read;
  await expect(text(page)).toHaveValue("Call Charles");
  await expect(layer(page)).toBeHidden();
  await expect(page.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
});

test("CS-11 the absolute end is announced, and signing in again in a small window moves it, until it comes again", async ({
  page,
  app,
}) => {
  await fillNote(page, app);
  const soon = page.getByText("You will have to sign in again in 4 minutes");
  for (const _ of ["first", "second"]) {
    // The session is used in another tab until little is left of its longest life.
    for (let visit = 0; visit < 4; visit++) {
      await app.clock.advance(14 * MINUTE);
      await page.request.get("/account");
    }
    await lookAgain(page, soon);
    await signInInWindow(page, ADA);
    await expect(soon).toBeHidden();
    await expect(text(page)).toHaveValue("Call Charles");
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test("UX-04 the notice and the layer pass axe, and fit 320 px", async ({ page, app }) => {
      await fillNote(page, app);
      await app.clock.advance(IDLE_MS - 4 * MINUTE);
      await lookAgain(page, page.getByRole("button", { name: "Stay signed in" }));
      await expectFine(page);
      await app.clock.advance(4 * MINUTE);
      await lookAgain(page, layer(page));
      await expectFine(page);
    });
  });
}

import type { Locator, Page } from "@playwright/test";
import { expectFine } from "./expect-fine";
import { expect, test } from "./fixtures";
import { NOTE_PATH, received, serveNotePage, withNotePage } from "./note-page";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

const MINUTE = 60_000;
const IDLE_MS = 20 * MINUTE;
const ABSOLUTE_MS = 60 * MINUTE;

test.use({
  appOptions: {
    settings: { sessionIdleMs: IDLE_MS, sessionAbsoluteMs: ABSOLUTE_MS },
    changeBuild: withNotePage,
  },
  // The small window closes while Remix still looks ahead at its links.
  expectedNoise: /^Failed to fetch manifest patches/,
});
test.beforeEach(async ({ context }) => {
  received.length = 0;
  await serveNotePage(context);
});

const layer = (page: Page) => page.getByRole("dialog");
const text = (page: Page) => page.getByLabel("Text");

async function openNote(page: Page): Promise<void> {
  await page.goto(NOTE_PATH);
  await signInAtGoogle(page);
  await expect(page.getByRole("heading", { name: "Note" })).toBeVisible();
}

async function fillIn(page: Page): Promise<void> {
  await text(page).fill("Call Charles");
  await page.getByLabel("Urgent").check();
  await page.getByLabel("Secret").fill("hunter2");
}

/** The network is back, until `seen` can be seen: the page's script may not have been there yet. */
async function lookAgain(page: Page, seen: Locator): Promise<void> {
  await expect(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await expect(seen).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 10_000 });
}

test("UX-03 a session that ends by itself leaves the page and what was typed, and goes on after signing in in a small window", async ({
  page,
  app,
}) => {
  await openNote(page);
  await fillIn(page);
  await app.clock.advance(IDLE_MS);
  await lookAgain(page, layer(page));
  await expect(layer(page)).toContainText("You were away for a while");
  await expect(layer(page)).toContainText(ADA);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(layer(page)).toBeVisible();

  const [small] = await Promise.all([
    page.waitForEvent("popup"),
    layer(page).getByRole("button", { name: "Sign in again" }).click(),
  ]);
  const closed = small.waitForEvent("close");
  await small.getByRole("button", { name: "Sign in with Google" }).click();
  // The hint at the account makes the chooser unnecessary, and consent was given before.
  await expect(layer(page)).toBeHidden();
  await closed;
  await expect(page).toHaveURL(/\/note$/);
  await expect(text(page)).toHaveValue("Call Charles");
  await expect(page.getByLabel("Secret")).toHaveValue("hunter2");

  await page.getByRole("button", { name: "Send" }).click();
  await expect(text(page)).toHaveValue("");
  expect(received).toEqual(["Call Charles"]);
});

test("UX-03 with every popup blocked the person signs in on the page itself and finds the form filled, without its secrets", async ({
  page,
  app,
}) => {
  await page.addInitScript(() => {
    window.open = () => null;
  });
  await openNote(page);
  await fillIn(page);
  await app.clock.advance(IDLE_MS);
  await lookAgain(page, layer(page));
  await layer(page).getByRole("button", { name: "Sign in again" }).click();
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
  expect(await page.evaluate(() => sessionStorage.getItem("latchkey-forms"))).toBeNull();
  expect(received).toEqual([]);
});

test("UX-03 CS-11 a form that was sent to an ended session is kept, and sent once when the person sends it again", async ({
  page,
  app,
}) => {
  await openNote(page);
  await fillIn(page);
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

test("CS-11 a link that is followed after the end leads to sign-in, and from there to where it led", async ({
  page,
  app,
}) => {
  await openNote(page);
  await app.clock.advance(IDLE_MS);
  await page.getByRole("link", { name: "Account" }).click();
  await expect(page.getByText("You were away for a while")).toBeVisible();
  await page.getByRole("button", { name: "Sign in with Google" }).click();
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
});

test("shows nobody else what was typed: another person who signs in gets a page of their own", async ({
  page,
  app,
}) => {
  await page.addInitScript(() => {
    window.open = () => null;
  });
  await openNote(page);
  await fillIn(page);
  await app.clock.advance(IDLE_MS);
  await lookAgain(page, layer(page));
  await layer(page).getByRole("button", { name: "Sign in again" }).click();
  await page.waitForURL(/login/);
  await page.context().clearCookies();
  await signInAtGoogle(page, "grace.hopper@gmail.com");
  await expect(page).toHaveURL(/\/note$/);
  await expect(text(page)).toHaveValue("");
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem("latchkey-forms"))).toBeNull();
  await expect(text(page)).toHaveValue("");
});

test("CS-11 the idle end is announced, with the time left and one button to stay", async ({
  page,
  app,
}) => {
  await openNote(page);
  await fillIn(page);
  await app.clock.advance(IDLE_MS - 4 * MINUTE);
  await lookAgain(page, page.getByText("You will be signed out in 4 minutes"));
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(page.getByText("You will be signed out")).toBeHidden();
  await app.clock.advance(IDLE_MS - 6 * MINUTE);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(text(page)).toHaveValue("Call Charles");
  await expect(layer(page)).toBeHidden();
  await expect(page.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
});

test("CS-11 the absolute end is announced, and signing in again in a small window moves it", async ({
  page,
  app,
}) => {
  await openNote(page);
  await fillIn(page);
  for (let visit = 0; visit < 4; visit++) {
    await app.clock.advance(14 * MINUTE);
    await page.request.get("/account");
  }
  await lookAgain(page, page.getByText("You will have to sign in again in 4 minutes"));
  const [small] = await Promise.all([
    page.waitForEvent("popup"),
    page.getByRole("button", { name: "Sign in again" }).click(),
  ]);
  const closed = small.waitForEvent("close");
  await small.getByRole("button", { name: ADA }).click();
  await closed;
  await expect(page.getByText("You will have to sign in again")).toBeHidden();
  await expect(text(page)).toHaveValue("Call Charles");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test("UX-04 the notice and the layer pass axe, and fit 320 px", async ({ page, app }) => {
      await openNote(page);
      await app.clock.advance(IDLE_MS - 4 * MINUTE);
      await lookAgain(page, page.getByRole("button", { name: "Stay signed in" }));
      await expectFine(page);
      await app.clock.advance(4 * MINUTE);
      await lookAgain(page, layer(page));
      await expectFine(page);
    });
  });
}

import type { BrowserContext, Page } from "@playwright/test";
import type { TestApp } from "../support/test-app";
import { expect, test } from "./fixtures";
import { addEvent, addedEvents } from "./half-filled";
import { ADA } from "./sign-in-at-google";
import { signInBefore } from "./sign-in-before";

const GRACE = "grace.hopper@gmail.com";
const SAID = "Somebody else is signed in here now, so nothing was done.";

const subOf = (app: TestApp, account: string) =>
  app.google.control.accounts().find(({ email }) => email === account)?.sub ?? "";
const isKnown = async (app: TestApp, account: string) =>
  (await app.store.readUser({ issuer: app.google.issuer, sub: subOf(app, account) })).kind;

async function askToDelete(page: Page): Promise<void> {
  await page.getByText("Delete account", { exact: true }).click();
}
const sayYes = (page: Page) => page.getByRole("button", { name: "Yes, delete my account" }).click();

/** Grace takes her turn in the browser where Ada’s page is open. */
async function graceSignsIn(context: BrowserContext, app: TestApp): Promise<void> {
  await signInBefore(context, app, { account: GRACE, features: ["calendar"] });
}

test.describe("two people who take turns in one browser", () => {
  test.describe("without JavaScript", () => {
    test.use({ javaScriptEnabled: false });

    test("FE-24 Ada’s open page deletes nobody’s account but hers", async ({
      page,
      context,
      app,
    }) => {
      await signInBefore(context, app);
      await page.goto("/account");
      await askToDelete(page);
      await graceSignsIn(context, app);
      await sayYes(page);
      await expect(page.getByText(SAID)).toBeVisible();
      await expect(page.getByText(`Signed in as Grace Hopper, ${GRACE}`)).toBeVisible();
      expect(await isKnown(app, GRACE)).toBe("found");

      // The page is Grace’s now, and so are its forms.
      await askToDelete(page);
      await sayYes(page);
      await expect(page).toHaveURL(/reason=account_deleted/);
      expect([await isKnown(app, GRACE), await isKnown(app, ADA)]).toEqual(["absent", "found"]);
    });

    test("FE-24 Ada’s open page adds nothing to anybody else’s calendar", async ({
      page,
      context,
      app,
    }) => {
      await signInBefore(context, app, { features: ["calendar"] });
      await page.goto("/agenda");
      await page.getByLabel("Name").fill("Ferry");
      await graceSignsIn(context, app);
      await addEvent(page).click();
      await expect(page.getByText(SAID)).toBeVisible();
      await expect(page.getByLabel("Name")).toHaveValue("");
      expect([addedEvents(app), addedEvents(app, GRACE)]).toEqual([0, 0]);
    });
  });

  test("FE-24 in two tabs, before Ada’s has noticed", async ({ page, context, app }) => {
    await signInBefore(context, app, { features: ["calendar"] });
    const account = await context.newPage();
    await account.goto("/account");
    await askToDelete(account);
    await page.goto("/agenda");
    await page.getByLabel("Name").fill("Ferry");
    await graceSignsIn(context, app);

    await addEvent(page).click();
    await expect(page.getByText(SAID)).toBeVisible();
    await expect(page.getByLabel("Name")).toHaveValue("");
    await expect(page.getByText("Grace Hopper")).toBeVisible();
    expect([addedEvents(app), addedEvents(app, GRACE)]).toEqual([0, 0]);
    // Its other tab has heard of it meanwhile, and is Grace’s too.
    await expect(account.getByText(`Signed in as Grace Hopper, ${GRACE}`)).toBeVisible();
    expect(await isKnown(app, GRACE)).toBe("found");

    await page.getByLabel("Name").fill("Ferry");
    await addEvent(page).click();
    await expect(page.getByText("The event is in your calendar.")).toBeVisible();
    expect([addedEvents(app), addedEvents(app, GRACE)]).toEqual([0, 1]);
  });
});

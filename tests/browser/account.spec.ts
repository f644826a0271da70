import type { Browser, Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

const GRACE = "grace.hopper@gmail.com";

/** The person at another computer, signed in. */
async function another(browser: Browser, baseURL = "", email?: string): Promise<Page> {
  const page = await (await browser.newContext({ baseURL })).newPage();
  await page.goto("/account");
  await signInAtGoogle(page, email);
  return page;
}

/** Each asks once. */
async function confirm(page: Page, action: string, yes: string): Promise<void> {
  await page.getByText(action, { exact: true }).click();
  await page.getByRole("button", { name: yes }).click();
}

test.describe("the account page", () => {
  test("SO-09 shows where the person is signed in, and signs another device out", async ({
    page,
    browser,
    baseURL,
  }) => {
    const elsewhere = await another(browser, baseURL);
    await page.goto("/account");
    await signInAtGoogle(page);
    const devices = page.getByRole("listitem").filter({ hasText: "Last seen" });
    const here = devices.filter({ hasText: "This device" });
    await expect(here).toHaveCount(1);
    await expect(here.getByRole("button")).toHaveCount(0);
    const others = await devices.count();

    await devices.getByRole("button").first().click();
    await expect(page.getByText("That device is signed out.")).toBeVisible();
    await expect(devices).toHaveCount(others - 1);

    await confirm(page, "Sign out other devices", "Yes, sign them out");
    await expect(devices).toHaveCount(1);
    await elsewhere.reload();
    await expect(elsewhere.getByText("You were signed out from another device")).toBeVisible();
  });

  test("SO-09 signs out everywhere after asking once, and leaves other people alone", async ({
    page,
    browser,
    baseURL,
  }) => {
    const elsewhere = await another(browser, baseURL);
    const somebodyElse = await another(browser, baseURL, GRACE);
    await page.goto("/account");
    await signInAtGoogle(page);
    await confirm(page, "Sign out everywhere", "Yes, sign me out everywhere");
    await expect(page.getByText("You are signed out", { exact: true })).toBeVisible();
    await elsewhere.reload();
    await expect(elsewhere.getByText("You were signed out from another device")).toBeVisible();
    await somebodyElse.reload();
    await expect(somebodyElse.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
  });

  test.describe("without JavaScript", () => {
    test.use({ javaScriptEnabled: false });

    test("CS-13 disconnects Google, and asks for consent at the next sign-in", async ({ page }) => {
      await page.goto("/account");
      await signInAtGoogle(page);
      await confirm(page, "Disconnect Google", "Yes, disconnect Google");
      await expect(page.getByText("Google was disconnected")).toBeVisible();
      await page.getByRole("button", { name: "Sign in with Google" }).click();
      const chooser = page.getByRole("button", { name: "ada.lovelace@gmail.com" });
      const allow = page.getByRole("button", { name: "Allow" });
      await expect(chooser.or(allow)).toBeVisible();
      if (await chooser.isVisible()) await chooser.click();
      await expect(allow).toBeVisible();
    });

    test("SO-09 MP-08 deletes the account after asking once, and after Google where the sign-in is old", async ({
      page,
      app,
    }) => {
      await page.goto("/account");
      await signInAtGoogle(page);
      await app.clock.advance(3_600_000);
      await confirm(page, "Delete account", "Yes, delete my account");
      await expect(page.getByRole("heading", { name: "Confirm that it’s you" })).toBeVisible();
      await page.getByRole("button", { name: "Continue with Google" }).click();
      await page.getByRole("button", { name: ADA }).click();
      await expect(page.getByText("It can’t be undone")).toBeVisible();
      await page.getByRole("button", { name: "Yes, delete my account" }).click();
      await expect(page.getByText("Your account was deleted")).toBeVisible();
      await page.goto("/account");
      await expect(page).toHaveURL(/\/login/);
    });
  });
});

import { expect, type Page } from "@playwright/test";

export const ADA = "ada.lovelace@gmail.com";

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

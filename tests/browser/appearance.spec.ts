import AxeBuilder from "@axe-core/playwright";
import { expect, signInAtGoogle, test } from "./fixtures";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`pages in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test("UX-04 pass axe, and fit 320 px without scrolling sideways", async ({ page }) => {
      await page.goto("/login?error=cancelled&reason=idle");
      await expectFine(page);
      await page.goto("/");
      await expectFine(page);
      await signInAtGoogle(page);
      for (const address of ["/dashboard", "/account", "/"]) {
        await page.goto(address);
        await expectFine(page);
      }
    });
  });
}

test("UX-05 an address that is no page says so and leads on", async ({ page, failOnNoise: _ }) => {
  const answer = await page.request.get("/no-such-page");
  expect(answer.status()).toBe(404);
  expect(await answer.text()).toContain("There is no such page");
});

async function expectFine(page: import("@playwright/test").Page): Promise<void> {
  await expect(page.getByRole("main")).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.length}`)).toEqual([]);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  if (size) await page.setViewportSize(size);
}

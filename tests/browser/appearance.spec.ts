import { expectFine } from "./expect-fine";
import { expect, test } from "./fixtures";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`pages in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test("UX-04 pass axe, and fit 320 px without scrolling sideways", async ({ page }) => {
      await page.goto("/login?error=cancelled&reason=idle");
      await expectFine(page);
      await page.goto("/");
      await expectFine(page);
      await signInAtGoogle(page);
      for (const address of ["/dashboard", "/account?confirm=delete-account", "/"]) {
        await page.goto(address);
        await expectFine(page);
      }
    });
  });
}

for (const [colorScheme, colours] of [
  [
    "light",
    { background: "rgb(255, 255, 255)", border: "rgb(116, 119, 117)", text: "rgb(31, 31, 31)" },
  ],
  [
    "dark",
    { background: "rgb(19, 19, 20)", border: "rgb(142, 145, 143)", text: "rgb(227, 227, 227)" },
  ],
] as const) {
  test.describe(`Google’s button in ${colorScheme}`, () => {
    test.use({ colorScheme, javaScriptEnabled: false });

    test("SF-31 follows Google’s branding, and works by keyboard and without JavaScript", async ({
      page,
    }) => {
      await page.goto("/login");
      const button = page.getByRole("button", { name: "Sign in with Google" });
      const style = await button.evaluate((element) => {
        const {
          backgroundColor,
          borderTopColor,
          color,
          fontFamily,
          fontSize,
          fontWeight,
          lineHeight,
        } = getComputedStyle(element);
        return {
          backgroundColor,
          borderTopColor,
          color,
          fontFamily,
          fontSize,
          fontWeight,
          lineHeight,
        };
      });
      expect(style).toMatchObject({
        backgroundColor: colours.background,
        borderTopColor: colours.border,
        color: colours.text,
        fontSize: "14px",
        fontWeight: "500",
        lineHeight: "20px",
      });
      expect(style.fontFamily).toMatch(/^Roboto/);
      const fills = await button
        .locator("svg path")
        .evaluateAll((paths) => paths.map((path) => path.getAttribute("fill")));
      expect(fills.filter((fill) => fill !== "none").sort()).toEqual(
        ["#34A853", "#4285F4", "#EA4335", "#FBBC05"].sort(),
      );
      await button.focus();
      await page.keyboard.press("Enter");
      await expect(page.getByRole("button", { name: ADA })).toBeVisible();
    });
  });
}

test("UX-05 an address that is no page says so and leads on", async ({ page, failOnNoise: _ }) => {
  const answer = await page.request.get("/no-such-page");
  expect(answer.status()).toBe(404);
  expect(await answer.text()).toContain("There is no such page");
});

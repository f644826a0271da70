import { test as base, expect } from "@playwright/test";
import { startDevServer } from "../support/dev-server";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

/** Due at half their life, so that a refresh can be watched. */
const TOKEN_SECONDS = 4;

/** `npm run dev` in a fresh clone, with nothing set up but ports that are free and short-lived tokens. */
const test = base.extend<object, { dev: { origin: string; printed(): string } }>({
  dev: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern.
    async ({}, use) => {
      const { port, printed, stop } = await startDevServer({
        LOCAL_GOOGLE_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS),
      });
      await use({ origin: `http://localhost:${port}`, printed });
      await stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  baseURL: async ({ dev }, use) => use(dev.origin),
});

test("UX-06 a newcomer runs the app with nothing set up, signs in, sees a refresh happen, and signs out", async ({
  page,
  dev,
}) => {
  // React warns in development only, of elements in wrong places and pages that don’t match the server’s.
  const warnings: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") warnings.push(message.text());
  });
  expect(dev.printed()).toContain(dev.origin);
  expect(dev.printed()).toMatch(/Local Google +http:\/\/localhost:\d+/);
  await page.goto("/");
  await signInAtGoogle(page);
  await page.goto("/dashboard");
  await expect(page.getByText(ADA).first()).toBeVisible();
  const accessEnd = async () => {
    await page.reload();
    const answer = await page.request.get("/api/session");
    const { accessTokenExpiresAt } = (await answer.json()) as { accessTokenExpiresAt: number };
    return accessTokenExpiresAt;
  };
  const first = await accessEnd();
  await expect.poll(accessEnd, { timeout: 20_000 }).toBeGreaterThan(first);
  await expect(page.getByText(ADA).first()).toBeVisible();
  for (const path of ["/", "/agenda", "/account"]) {
    await page.goto(path);
    await page.waitForFunction(() => "__remixRouter" in window);
  }
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByText("You are signed out", { exact: true })).toBeVisible();
  expect(warnings).toEqual([]);
  expect(dev.printed()).not.toMatch(/Warning:|dependencies changed/);
});

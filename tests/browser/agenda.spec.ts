import type { Page } from "@playwright/test";
import { expectFine } from "./expect-fine";
import { expect, test } from "./fixtures";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

// What was allowed once comes back at the next sign-in.
test.beforeEach(({ app }) => app.google.control.revokeGrant(ADA));

/** From the page’s one button through Google’s consent and back. */
async function signIn(page: Page): Promise<void> {
  await page.goto("/agenda");
  await signInAtGoogle(page);
}

async function shareCalendar(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Continue with Google" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page.getByText("Tea with Charles")).toBeVisible();
}

const isoDay = (at: number) => new Date(at).toISOString().slice(0, 10);

test.describe("the agenda", () => {
  test("DA-02 DA-03 asks on a click, shows the days, and adds an event", async ({ page, app }) => {
    await signIn(page);
    await shareCalendar(page);
    await expect(page).toHaveURL(/\/agenda$/);
    const form = page.getByRole("region", { name: "Add an event" });
    await form.getByRole("button", { name: "Add event" }).click();
    // The browser’s own check comes first.
    await expect(form.getByLabel("Name")).toBeFocused();
    await form.getByLabel("Name").fill("Ferry");
    // Today’s would be over already when the tests run late in the evening.
    await form.getByLabel("Day").fill(isoDay(app.clock.now() + 2 * 86_400_000));
    await form.getByLabel("Starts").fill("23:00");
    await form.getByLabel("Ends").fill("23:30");
    await form.getByRole("button", { name: "Add event" }).dblclick();
    await expect(page.getByText("The event is in your calendar.")).toBeVisible();
    await expect(page.getByText("23:00–23:30")).toHaveCount(1);
    await expect(form.getByLabel("Name")).toHaveValue("");
    const added = app.google.control.calendarEvents(ADA).filter((e) => e.summary === "Ferry");
    expect(added).toHaveLength(1);
  });

  test("DA-03 declined at Google leads back to the agenda, which says so", async ({ page }) => {
    await signIn(page);
    for (const _ of [1, 2]) {
      await page.getByRole("button", { name: "Continue with Google" }).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await expect(page.getByText("Google wasn’t allowed to share this")).toBeVisible();
    }
    await expect(page.getByRole("button", { name: "Continue with Google" })).toBeVisible();
  });
});

/** Chromium itself writes a line for each answer of 400, which a form with a mistake gets. */
const quiet = test.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern.
  failOnNoise: async ({}, use) => use(undefined),
});

test.describe("the agenda without JavaScript", () => {
  quiet.use({ javaScriptEnabled: false });

  quiet("shows the days, leads to what is wrong, and adds an event", async ({ page }) => {
    await signIn(page);
    await shareCalendar(page);
    await page.getByLabel("Name").fill("Lecture on looms");
    await page.getByLabel("Ends").fill("22:00");
    await page.getByRole("button", { name: "Add event" }).click();
    await expect(page.getByText("Please say when it starts.")).toBeInViewport();
    await expect(page.getByLabel("Starts")).toBeFocused();
    await page.getByLabel("Ends").fill("");
    await page.getByRole("button", { name: "Add event" }).click();
    await expect(page.getByText("The event is in your calendar.")).toBeVisible();
    await expect(page.getByText("Lecture on looms")).toBeVisible();
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`the agenda in ${colorScheme}`, () => {
    quiet.use({ colorScheme });

    quiet("UX-04 passes axe, and fits 320 px without scrolling sideways", async ({ page, app }) => {
      await signIn(page);
      await expectFine(page);
      await shareCalendar(page);
      await expectFine(page);
      await page.getByLabel("Name").fill("Ferry");
      await page.getByLabel("Ends").fill("22:00");
      await page.getByRole("button", { name: "Add event" }).click();
      await expect(page.getByText("Please say when it starts.")).toBeVisible();
      await expect(page.getByLabel("Starts")).toBeFocused();
      await expectFine(page);
      app.google.faults.set("calendar", { kind: "api-error", reason: "insufficientPermissions" });
      await page.getByLabel("Starts").fill("21:00");
      await page.getByRole("button", { name: "Add event" }).click();
      await expect(page.getByRole("button", { name: "Continue with Google" })).toBeVisible();
      await expect(page.getByLabel("Name")).toHaveValue("Ferry");
      await expectFine(page);
      app.google.faults.set("calendar", { kind: "api-error", reason: "backendError" });
      await page.goto("/agenda");
      await expectFine(page);
      app.google.faults.clear();
      await page.goto("/dashboard");
      await expectFine(page);
    });
  });
}

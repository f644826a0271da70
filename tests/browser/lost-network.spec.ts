import type { Page } from "@playwright/test";
import { BRAND } from "../../app/brand/brand";
import { expectFine } from "./expect-fine";
import { expect, test } from "./fixtures";
import { addEvent, addedEvents, fillEvent } from "./half-filled";

test.use({
  // What a cut line makes the browser say, and Remix’s look ahead at a page’s links.
  expectedNoise: /ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch/,
});

const name = (page: Page) => page.getByLabel("Name");
const noAnswer = (page: Page) => page.getByText("No answer came back");
const isBack = (page: Page) => page.getByText("It may have arrived or not.");
const unreachable = (page: Page) =>
  page.getByRole("heading", { name: `${BRAND.name} can’t be reached just now` });

test("UX-03 an event that is sent without a network stays on the page, and is added when it is sent again", async ({
  page,
  context,
  app,
}) => {
  await fillEvent(page, app);
  await context.setOffline(true);
  await addEvent(page).click();
  await expect(noAnswer(page)).toBeVisible();
  await expect(name(page)).toHaveValue("Ferry");
  await expect(page.getByLabel("Ends")).toHaveValue("23:30");
  await expectFine(page);
  expect(addedEvents(app)).toBe(0);

  await context.setOffline(false);
  await addEvent(page).click();
  await expect(page.getByText("The event is in your calendar.")).toBeVisible();
  await expect(name(page)).toHaveValue("");
  expect(addedEvents(app)).toBe(1);
});

test("UX-03 an event whose answer is lost is there when the page is loaded anew, and is added once", async ({
  page,
  app,
}) => {
  await fillEvent(page, app);
  await page.route("**/agenda.data", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await addEvent(page).click();
  await expect(noAnswer(page)).toBeVisible();
  await page.unroute("**/agenda.data");
  await page.reload();
  await expect(isBack(page)).toBeVisible();
  await expect(name(page)).toHaveValue("Ferry");
  await addEvent(page).click();
  await expect(page.getByText("It was sent twice, and added once.")).toBeVisible();
  await expect(name(page)).toHaveValue("");
  expect(addedEvents(app)).toBe(1);
});

test.describe("a proxy’s error page", () => {
  // What the browser says of it, and Remix of an answer that isn’t its own.
  test.use({ expectedNoise: /status of 502|^SyntaxError/ });

  test("UX-03 an event that meets somebody else’s answer stays on the page", async ({
    page,
    app,
  }) => {
    await fillEvent(page, app);
    const badGateway = { status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" };
    await page.route("**/agenda.data", (route) => route.fulfill(badGateway));
    await addEvent(page).click();
    await expect(page.getByText("The event may not have been added")).toBeVisible();
    await expect(name(page)).toHaveValue("Ferry");
  });
});

test("UX-03 where the page that was to follow is lost, what was typed is back with it", async ({
  page,
  app,
}) => {
  await fillEvent(page, app);
  await page.route("**/agenda.data?*", (route) => route.abort());
  await addEvent(page).click();
  await expect(unreachable(page)).toBeVisible();
  await expectFine(page);
  await page.unroute("**/agenda.data?*");
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(isBack(page)).toBeVisible();
  await addEvent(page).click();
  await expect(page.getByText("It was sent twice, and added once.")).toBeVisible();
  expect(addedEvents(app)).toBe(1);
});

for (const turn of ["when the person tries again", "by itself"]) {
  test(`UX-01 a link that is followed without a network leads to where it led once there is one, ${turn}`, async ({
    page,
    context,
    app,
  }) => {
    await fillEvent(page, app);
    // A page that was never seen can’t be shown without a network: Remix then loads it anew.
    await page.getByRole("link", { name: "Dashboard" }).click();
    await expect(page.getByRole("heading", { name: /Ada/ })).toBeVisible();
    await page.getByRole("link", { name: "Agenda", exact: true }).click();
    await expect(name(page)).toBeVisible();
    await context.setOffline(true);
    const asked = page.waitForEvent("requestfailed", (request) =>
      request.url().endsWith("/api/session"),
    );
    await page.getByRole("link", { name: "Dashboard" }).click();
    await expect(unreachable(page)).toBeVisible();
    await asked;
    await expect(page.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
    await page.getByRole("link", { name: "Try again" }).click();
    await expect(unreachable(page)).toBeVisible();

    if (turn === "by itself") {
      await context.setOffline(false);
    } else {
      // The session can’t be read yet.
      await page.route("**/api/session", (route) => route.abort());
      await context.setOffline(false);
      await page.getByRole("link", { name: "Try again" }).click();
    }
    await expect(page.getByRole("heading", { name: /Ada/ })).toBeVisible();
  });
}

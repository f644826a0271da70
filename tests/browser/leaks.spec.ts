import { expect, test } from "./fixtures";
import { signInAtGoogle } from "./sign-in-at-google";

test.describe("a browser", () => {
  test("TR-19 CS-08 CS-10 LG-03 gets, sends and keeps no token, code, verifier or secret in a whole visit", async ({
    page,
    app,
    leakWatch,
  }) => {
    await page.goto("/dashboard");
    await signInAtGoogle(page);
    for (const link of ["Agenda", "Account"]) {
      await page.getByRole("link", { name: link, exact: true }).click();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    }
    await app.clock.advance(3_600_000);
    await page.reload();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => document.cookie)).toBe("");

    leakWatch.learn(app.google.calls);
    leakWatch.readLog(app.log.lines);
    const { said, secrets } = leakWatch.heard;
    // Client secret, code, verifier and refresh token were there to be found, at many places.
    expect(secrets).toBeGreaterThanOrEqual(4);
    expect(said).toBeGreaterThan(30);
    expect(leakWatch.leaks()).toEqual([]);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  });

  test("LG-03 is watched well enough that a planted secret is found wherever it turns up", async ({
    page,
    browser,
    app,
    leakWatch,
  }) => {
    await page.goto("/login?returnTo=%2Fcanary-in-a-request");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.evaluate(() => {
      localStorage.setItem("key", "canary in local storage");
    });
    app.log.info("http_request", { path: "/ya29.which-the-log-cuts-out" });
    leakWatch.readLog(app.log.lines);
    await leakWatch.readBrowser(browser, app.origin);
    const leaks = leakWatch.leaks().join("\n");
    expect(leaks).toContain("the request GET /login holds");
    expect(leaks).toContain("the body of GET /login holds");
    expect(leaks).toContain("storage at /login holds");
    expect(leaks).toContain("the log’s http_request, redacted holds");
    await page.evaluate(() => localStorage.clear());
    await page.goto("/");
    // The way back there was told to the next page as well.
    leakWatch.leaks();
  });
});

import { expect, test } from "./fixtures";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

test.describe("a person signs in", () => {
  test("leads from a deep link through Google back to it, and shows protected data", async ({
    page,
  }) => {
    await page.goto("/dashboard?from=mail");
    await expect(page).toHaveURL(/\/login\?returnTo=%2Fdashboard%3Ffrom%3Dmail$/);
    await signInAtGoogle(page);
    await expect(page).toHaveURL(/\/dashboard\?from=mail$/);
    await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
    await expect(page.getByText("Verified by Google")).toBeVisible();
    await expect(page.getByText("You stay signed in until")).toBeVisible();
  });

  test("shows the sign-in page with one sentence and a way on when they cancel at Google", async ({
    page,
  }) => {
    await page.goto("/login");
    await page.getByRole("button", { name: "Sign in with Google" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("alert")).toContainText("Sign-in was cancelled");
    await expect(page.getByRole("button", { name: "Sign in with Google" })).toBeVisible();
  });

  test("SF-06 works in two tabs at once, each leading to its own page", async ({ context }) => {
    const [first, second] = [await context.newPage(), await context.newPage()];
    await first.goto("/account");
    await second.goto("/dashboard");
    await first.getByRole("button", { name: "Sign in with Google" }).click();
    await second.getByRole("button", { name: "Sign in with Google" }).click();
    for (const [tab, address] of [
      [second, /\/dashboard$/],
      [first, /\/account$/],
    ] as const) {
      await tab.getByRole("button", { name: ADA }).click();
      const allow = tab.getByRole("button", { name: "Allow" });
      const signOut = tab.getByRole("button", { name: "Sign out", exact: true });
      await expect(allow.or(signOut)).toBeVisible();
      if (await allow.isVisible()) await allow.click();
      await expect(tab).toHaveURL(address);
    }
  });

  test.describe("without JavaScript", () => {
    test.use({ javaScriptEnabled: false });
    test("CS-13 signs in and out all the same", async ({ page }) => {
      await page.goto("/dashboard");
      await signInAtGoogle(page);
      await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await expect(page.getByText("You are signed out")).toBeVisible();
    });
  });
});

test.describe("a person stays signed in", () => {
  test("TR-01 has Google’s access renewed while the page is open and used, and notices nothing", async ({
    page,
    app,
  }) => {
    await page.goto("/login");
    await signInAtGoogle(page);
    await expect(page.getByText("Google access last renewed just now")).toBeVisible();
    app.google.calls.clear();

    await app.clock.advance(49 * 60_000);
    await page.getByRole("link", { name: "Account" }).click();
    await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
    expect(app.google.calls.count("token")).toBe(0);

    await app.clock.advance(60_000);
    await page.getByRole("link", { name: "Dashboard" }).click();
    await expect(page.getByText("Google access last renewed just now")).toBeVisible();
    expect(app.google.calls.count("token")).toBe(1);
  });

  test("sees a gap, not an end, while Google can’t be reached; it heals by itself", async ({
    page,
    app,
  }) => {
    await page.goto("/login");
    await signInAtGoogle(page);
    await expect(page.getByRole("heading", { name: "Hello" })).toBeVisible();
    await app.clock.advance(3_600_000);
    app.google.faults.set("token", { kind: "status", status: 403 });
    await page.reload();
    await expect(page.getByText("Google can’t be reached just now")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();

    app.google.faults.clear();
    await app.clock.advance(60_000);
    await page.reload();
    await expect(page.getByText("Verified by Google")).toBeVisible();
  });

  test("TR-09 is told why when Google’s access was withdrawn, and comes back to the same page", async ({
    page,
    app,
  }) => {
    await page.goto("/account");
    await signInAtGoogle(page);
    await expect(page.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
    app.google.control.revokeGrant(ADA);
    await app.clock.advance(3_600_000);
    await page.reload();
    await expect(page.getByText("Google no longer gives this app access")).toBeVisible();
    await signInAtGoogle(page);
    await expect(page).toHaveURL(/\/account$/);
  });
});

test.describe("a person signs out", () => {
  test("SO-15 SO-16 is told that Google itself stays signed in, and finds the pages closed", async ({
    page,
  }) => {
    await page.goto("/dashboard");
    await signInAtGoogle(page);
    for (const address of ["/", "/dashboard", "/account"]) {
      await page.goto(address);
      await expect(page.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
    }
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page.getByText("Your Google account itself stays signed in")).toBeVisible();
    await page.goto("/dashboard");
    await expect(page).toHaveURL(/\/login/);
    await page.getByRole("button", { name: "Sign in with Google" }).click();
    // The account chooser, although Google still knows the person.
    await expect(page.getByRole("button", { name: ADA })).toBeVisible();
  });
});

test.describe("the browser", () => {
  test("CS-10 TR-19 holds nothing but the sealed cookie: no token in storage, readable cookies or the page", async ({
    page,
    context,
    app,
  }) => {
    await page.goto("/dashboard");
    await signInAtGoogle(page);
    await expect(page.getByRole("heading", { name: "Hello" })).toBeVisible();
    const readable = await page.evaluate(async () => ({
      cookies: document.cookie,
      local: JSON.stringify(localStorage),
      session: JSON.stringify(sessionStorage),
      databases: (await indexedDB.databases()).length,
      page: document.documentElement.outerHTML,
    }));
    expect(readable.cookies).not.toContain("latchkey");
    expect(readable.local).toBe("{}");
    expect(readable.databases).toBe(0);
    expect(readable.session + readable.page).not.toMatch(/canary|ya29\.|refresh_token/i);
    const cookies = (await context.cookies()).filter(({ name }) => name.startsWith("latchkey"));
    expect(cookies.map(({ name, httpOnly }) => [name, httpOnly])).toEqual([[app.cookie, true]]);
  });
});

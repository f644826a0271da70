import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CookieJar } from "../support/cookie-jar";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

const ADA = "ada.lovelace@gmail.com";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(async () => {
  app.google.control.reset();
  app.log.lines.length = 0;
  await app.clock.advance(1000);
});

const errorIn = (answer: Response) =>
  new URL(locationOf(answer), app.origin).searchParams.get("error");
const causes = () =>
  app.log.lines.flatMap(({ event, fields }) =>
    event === "authn_login_fail" ? [fields.cause] : [],
  );
const counted = (event: string) => app.log.lines.filter((line) => line.event === event).length;

/** A browser whose person has just answered at Google, and the callback that it is led to. */
async function backFromGoogle(returnTo = "/account?tab=1") {
  const visitor = app.visitor();
  const callback = await visitor.answerAtGoogle(await visitor.startSignIn(returnTo));
  app.google.calls.clear();
  return { visitor, callback };
}

/** The same browser, of which only the answer to this one request is kept. */
const keepingOnly = (visitor: Visitor) => app.visitor(visitor.jar.copy());

describe("a callback that nobody has asked for yet", () => {
  it.each([
    ["HEAD", { method: "HEAD" }],
    ["a prefetch", { headers: { "Sec-Purpose": "prefetch" } }],
    ["a prerender", { headers: { "Sec-Purpose": "prefetch;prerender" } }],
    ["an older browser’s prefetch", { headers: { Purpose: "prefetch" } }],
    ["an older Firefox’s", { headers: { "X-Moz": "prefetch" } }],
    ["a preview", { headers: { "X-Purpose": "preview" } }],
  ] as const)("FB-6 isn’t used up by %s, and signs in afterwards", async (_, init) => {
    const { visitor, callback } = await backFromGoogle();
    const cookies = visitor.jar.header();
    for (const path of [callback, callback.replace("?", ".data?")]) {
      const looked = await visitor.request(path, init);
      expect(looked.headers.getSetCookie()).toEqual([]);
      expect(looked.headers.get("Cache-Control")).toBe("no-store");
      // A browser would show a success or a redirect that it has fetched ahead in the place of the real one.
      if (!("method" in init)) expect(looked.status).toBe(403);
      else expect(looked.headers.get("Location") ?? "").not.toContain("error");
    }
    expect(app.google.calls.count("token")).toBe(0);
    expect(visitor.jar.header()).toBe(cookies);
    expect(locationOf(await visitor.get(callback))).toBe("/account?tab=1");
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("FB-6 isn’t refused by them either: nothing is logged as a failed sign-in", async () => {
    const { visitor } = await backFromGoogle();
    await visitor.request("/auth/google/callback?error=access_denied&state=x", { method: "HEAD" });
    expect(causes()).toEqual([]);
  });
});

describe("a callback that is asked for twice while Google takes its time", () => {
  /** Reloaded or double-clicked: both requests carry the same cookies. */
  async function twice({ callback, visitor }: { callback: string; visitor: Visitor }) {
    app.google.faults.set("token", { kind: "hold" });
    const [first, second] = [keepingOnly(visitor), keepingOnly(visitor)];
    const one = first.get(callback);
    await expect.poll(() => app.google.faults.held).toBe(1);
    const other = second.get(callback);
    // The second has nothing to wait for at Google: it has come as far as it gets when this one is through.
    await app.visitor().get("/login");
    app.google.faults.clear();
    return { first, second, answers: await Promise.all([one, other]) };
  }

  it("FB-7 signs in once, and both answers lead on with the same session, whichever the browser keeps", async () => {
    const { first, second, answers } = await twice(await backFromGoogle());
    for (const answer of answers) expect(locationOf(answer)).toBe("/account?tab=1");
    expect(app.google.calls.count("token")).toBe(1);
    expect([counted("session_created"), counted("authn_login_success")]).toEqual([1, 1]);
    for (const browser of [first, second]) {
      expect(browser.jar.names()).toEqual([app.cookie]);
      const page = await browser.get("/account");
      expect(page.status).toBe(200);
      // One device, not two.
      expect((await page.text()).match(/This device/g)).toHaveLength(1);
    }
    await second.post("/logout");
    expect(await first.session()).toEqual({ status: "unauthenticated", reason: "signed_out" });
  });

  it("FB-7 keeps both when one answer comes on top of the other", async () => {
    const back = await backFromGoogle();
    const { visitor } = back;
    const { answers } = await twice(back);
    for (const answer of answers) visitor.jar.store(answer.headers);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("FB-7 ends the session that was there before, and not the new one", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const before = keepingOnly(visitor);
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    app.google.calls.clear();
    const { first, second } = await twice({ visitor, callback });
    expect(await before.session()).toEqual({ status: "unauthenticated", reason: "signed_out" });
    for (const browser of [first, second]) {
      expect(await browser.session()).toMatchObject({ status: "authenticated" });
    }
  });

  it("FB-7 says the same of a sign-in that comes to nothing, and notes it once", async () => {
    const back = await backFromGoogle();
    const pending = keepingOnly(back.visitor);
    app.google.faults.set("token", { kind: "hang" });
    const one = pending.get(back.callback);
    await expect.poll(() => app.google.faults.held).toBe(1);
    const other = keepingOnly(back.visitor).get(back.callback);
    await app.visitor().get("/login");
    app.google.faults.clear();
    const answers = await Promise.all([one, other]);
    expect(answers.map(errorIn)).toEqual(["google_unavailable", "google_unavailable"]);
    expect(causes()).toHaveLength(1);
  });

  it("FB-7 leads to the same consent round, which either can finish", async () => {
    await app.visitor().signIn();
    app.google.control.withholdRefreshTokens(true);
    await app.store.endAllSessions({ reason: "signed_out" });
    const { first, second, answers } = await twice(await backFromGoogle());
    const [here, there] = answers.map(locationOf);
    expect(here).toMatch(/[?&]prompt=consent/);
    expect(there).toBe(here);
    app.google.control.withholdRefreshTokens(false);
    const callback = await second.answerAtGoogle(here ?? "");
    expect(first.jar.names()).toEqual(second.jar.names());
    expect(locationOf(await second.get(callback))).toBe("/account?tab=1");
  });

  it("FB-7 goes on when the browser has left the first, as a reload does", async () => {
    const { visitor, callback } = await backFromGoogle();
    app.google.faults.set("token", { kind: "hold" });
    const leaving = new AbortController();
    const left = keepingOnly(visitor)
      .request(callback, { signal: leaving.signal })
      .catch(() => null);
    await expect.poll(() => app.google.faults.held).toBe(1);
    leaving.abort();
    await left;
    const reloaded = visitor.get(callback);
    await app.visitor().get("/login");
    app.google.faults.clear();
    expect(locationOf(await reloaded)).toBe("/account?tab=1");
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
    expect(app.google.calls.count("token")).toBe(1);
  });

  it("FB-7 SF-03 lets nobody share who doesn’t have this sign-in’s cookie", async () => {
    const { visitor, callback } = await backFromGoogle();
    app.google.faults.set("token", { kind: "hold" });
    const own = visitor.get(callback);
    await expect.poll(() => app.google.faults.held).toBe(1);
    const strangers = app.visitor(new CookieJar(app.clock));
    expect(errorIn(await strangers.get(callback))).toBe("expired");
    expect(strangers.jar.names()).toEqual([]);
    app.google.faults.clear();
    expect(locationOf(await own)).toBe("/account?tab=1");
  });
});

describe("a callback whose sign-in isn’t there any more", () => {
  it("FC-14 says what can be the cause: time, a second use, cookies, another browser", async () => {
    const { visitor, callback } = await backFromGoogle();
    visitor.jar.clear();
    const page = await visitor.get(locationOf(await visitor.get(callback)));
    const text = await page.text();
    for (const cause of ["ten minutes", "already used", "cookies", "another browser"]) {
      expect(text).toContain(cause);
    }
    expect(text).toContain("Sign in with Google");
  });

  it("FC-14 is told apart in the log: no cookie, too old, used already, unreadable", async () => {
    const missing = await backFromGoogle();
    missing.visitor.jar.clear();
    expect(errorIn(await missing.visitor.get(missing.callback))).toBe("expired");
    expect(causes()).toEqual(["transaction_missing"]);

    const used = await backFromGoogle();
    await used.visitor.get(used.callback);
    app.log.lines.length = 0;
    expect(errorIn(await used.visitor.get(used.callback))).toBe("expired");
    expect(causes()).toEqual(["transaction_replayed"]);

    const old = await backFromGoogle();
    const kept = old.visitor.jar.header() ?? "";
    await app.clock.advance(600_000);
    app.log.lines.length = 0;
    // As after a lunch: the browser has dropped the cookie by then. And one that kept it.
    expect(errorIn(await old.visitor.get(old.callback))).toBe("expired");
    const answer = await app.visitor().get(old.callback, { Cookie: kept });
    expect(locationOf(answer)).toBe("/login?returnTo=%2Faccount%3Ftab%3D1&error=expired");
    expect(causes()).toEqual(["transaction_expired", "transaction_expired"]);

    const damaged = await backFromGoogle();
    const [name = ""] = damaged.visitor.jar.names();
    damaged.visitor.jar.set(name, `${damaged.visitor.jar.get(name)}x`);
    app.log.lines.length = 0;
    expect(errorIn(await damaged.visitor.get(damaged.callback))).toBe("expired");
    expect(causes()).toEqual(["transaction_unreadable"]);
  });

  it("FC-14 leads somebody who is signed in by now to where that sign-in was to lead", async () => {
    const { visitor, callback } = await backFromGoogle();
    const late = keepingOnly(visitor);
    await visitor.get(callback);
    late.jar.set(app.cookie, visitor.jar.get(app.cookie) ?? "");
    const login = await late.get(callback);
    expect(locationOf(await late.get(locationOf(login)))).toBe("/account?tab=1");
    expect(await late.session()).toMatchObject({ status: "authenticated", user: { email: ADA } });
  });
});

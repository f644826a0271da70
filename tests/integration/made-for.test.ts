import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FormInPage, formsIn } from "../support/forms-in";
import { startTestApp, TEST_SECRET, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

const ADA = "ada.lovelace@gmail.com";
const GRACE = "grace.hopper@gmail.com";
const SAID = "Somebody else is signed in here now, so nothing was done.";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(async () => {
  app.google.control.reset();
  await app.store.endAllSessions({ reason: "signed_out" });
  await app.clock.advance(1000);
});

const subOf = (account: string) =>
  app.google.control.accounts().find(({ email }) => email === account)?.sub ?? "";
const keyOf = (account: string) => ({ issuer: app.google.issuer, sub: subOf(account) });

/** Somebody signed in who has allowed the calendar. */
async function browserOf(account: string): Promise<Visitor> {
  const visitor = app.visitor();
  await visitor.signIn({ account });
  await visitor.allow("calendar");
  return visitor;
}

async function signInAs(visitor: Visitor, account: string): Promise<void> {
  expect(locationOf(await visitor.signIn({ account }))).toBe("/dashboard");
  expect(await visitor.session()).toMatchObject({ user: { email: account } });
}

async function formsOf(visitor: Visitor, path: string): Promise<FormInPage[]> {
  return formsIn(await (await visitor.get(path)).text());
}

/** The form of a page that has these fields among its own. */
async function formOf(visitor: Visitor, path: string, like: Record<string, string>, action = path) {
  const forms = await formsOf(visitor, path);
  const form = forms.find(
    (each) =>
      each.action === action &&
      Object.entries(like).every(([name, value]) => each.fields[name] === value),
  );
  if (!form) throw new Error(`${path} has no such form`);
  return form;
}

const send = (visitor: Visitor, { action, fields }: FormInPage, more = {}, headers = {}) =>
  visitor.post(action, { ...fields, ...more }, headers);

async function expectPageAnew(visitor: Visitor, answer: Response, path: string): Promise<void> {
  expect([answer.status, locationOf(answer)]).toEqual([303, `${path}?notice=another_person`]);
  const page = await visitor.get(locationOf(answer));
  expect(page.status).toBe(200);
  expect(await page.text()).toContain(SAID);
}

describe.each([
  ["Ada’s", ADA, GRACE],
  ["Grace’s", GRACE, ADA],
])("a page of %s is open, and somebody else signs in in the same browser", (_, first, second) => {
  it.each(["end-other-sessions", "end-all-sessions", "disconnect-google", "delete-account"])(
    "FE-24 its form %s does nothing to whoever is there now, and the page comes anew",
    async (intent) => {
      const [visitor, elsewhere] = [await browserOf(first), app.visitor()];
      await elsewhere.signIn({ account: second });
      const form = await formOf(visitor, "/account", { intent });
      await signInAs(visitor, second);

      await expectPageAnew(visitor, await send(visitor, form), "/account");
      for (const browser of [visitor, elsewhere]) {
        expect(await browser.session()).toMatchObject({ user: { email: second } });
      }
      expect(await app.store.readUser(keyOf(second))).toMatchObject({ kind: "found" });
      expect(app.google.control.liveRefreshTokens(subOf(second))).not.toEqual([]);
      // The other’s own form does what it says.
      const own = await formOf(visitor, "/account", { intent });
      expect(locationOf(await send(visitor, own))).not.toContain("another_person");
    },
  );

  it("FE-24 its form that adds an event adds it in nobody’s calendar", async () => {
    const visitor = await browserOf(second);
    await signInAs(visitor, first);
    await visitor.allow("calendar");
    const form = await formOf(visitor, "/agenda", { title: "" });
    await signInAs(visitor, second);
    const titles = () =>
      [first, second].flatMap((account) =>
        app.google.control.calendarEvents(account).map(({ summary }) => summary),
      );
    const ferry = { title: "Ferry", start: "10:00", end: "11:00" };
    await expectPageAnew(visitor, await send(visitor, form, ferry), "/agenda");
    expect(titles()).not.toContain("Ferry");

    await signInAs(visitor, first);
    expect(locationOf(await send(visitor, form, ferry))).toBe("/agenda?notice=added");
    expect(app.google.control.calendarEvents(first)).toContainEqual(
      expect.objectContaining({ summary: "Ferry" }),
    );
  });
});

describe("a form of somebody else’s page", () => {
  /** Ada’s page is open, and Grace is there. */
  async function grace(path: string, like: Record<string, string>, action = path) {
    const visitor = await browserOf(ADA);
    const form = await formOf(visitor, path, like, action);
    await signInAs(visitor, GRACE);
    return { visitor, form, referer: { Referer: `${app.origin}${path}` } };
  }

  it("FE-24 signs nobody out", async () => {
    const { visitor, form, referer } = await grace("/account", {}, "/logout");
    await expectPageAnew(visitor, await send(visitor, form, {}, referer), "/account");
    await expectPageAnew(visitor, await send(visitor, form), "/dashboard");
    const elsewhere = { Referer: "https://evil.example/account" };
    await expectPageAnew(visitor, await send(visitor, form, {}, elsewhere), "/dashboard");
    expect(await visitor.session()).toMatchObject({ user: { email: GRACE } });
  });

  it("FE-24 asks Google for nothing in the name of whoever is there", async () => {
    const visitor = app.visitor();
    await visitor.signIn({ account: ADA });
    const form = await formOf(visitor, "/agenda", { scope: "calendar" }, "/auth/google");
    await signInAs(visitor, GRACE);
    const referer = { Referer: `${app.origin}/agenda` };
    await expectPageAnew(visitor, await send(visitor, form, {}, referer), "/agenda");
    expect(visitor.jar.names().filter((name) => name.includes("signin"))).toEqual([]);
  });

  it("FE-24 is refused in Remix’s way where a script sent it", async () => {
    const { visitor, form } = await grace("/account", { intent: "delete-account" });
    const answer = await send(visitor, { ...form, action: "/account.data" });
    expect(answer.status).toBe(202);
    expect(await answer.text()).toContain("/account?notice=another_person");
    expect(await visitor.session()).toMatchObject({ user: { email: GRACE } });
  });

  it("FE-24 is no use of the session that is there", async () => {
    const { visitor, form } = await grace("/account", {}, "/logout");
    await app.clock.advance(86_400_000);
    const before = await visitor.session();
    const stay = await send(visitor, { ...form, action: "/api/session" });
    expect([stay.status, locationOf(stay)]).toEqual([303, "/api/session"]);
    expect(await visitor.session()).toEqual(before);
    const own = await formOf(visitor, "/account", {}, "/logout");
    expect(await (await send(visitor, { ...own, action: "/api/session" })).json()).toMatchObject({
      user: { email: GRACE },
    });
  });

  it("FE-24 leads to sign-in, as ever, where nobody is there", async () => {
    const visitor = await browserOf(ADA);
    const form = await formOf(visitor, "/account", { intent: "delete-account" });
    await visitor.post("/logout");
    expect(locationOf(await send(visitor, form))).toBe("/login?returnTo=%2Faccount");
  });
});

describe("a form for the same person", () => {
  it("FE-24 acts in a session that was begun since, and in one of another device", async () => {
    const visitor = await browserOf(ADA);
    const form = await formOf(visitor, "/account", { intent: "end-other-sessions" });
    await signInAs(visitor, ADA);
    expect(locationOf(await send(visitor, form))).toBe("/account?notice=end-other-sessions");
    const elsewhere = app.visitor();
    await elsewhere.signIn({ account: ADA });
    expect(locationOf(await send(elsewhere, form))).toBe("/account?notice=end-other-sessions");
  });

  it("FE-24 acts without saying for whom, as other programs send it", async () => {
    const visitor = await browserOf(ADA);
    const answer = await visitor.post("/account", { intent: "end-other-sessions" });
    expect(locationOf(answer)).toBe("/account?notice=end-other-sessions");
  });

  it("FE-24 acts while the secret is being replaced", async () => {
    const newer = "qN7x2Vb9Ts4Kd6Rf1Hg8Jm3Wp5Ly0Zc";
    const visitor = await browserOf(ADA);
    const form = await formOf(visitor, "/account", { intent: "end-other-sessions" });
    const replaced = await startTestApp({
      beside: app,
      settings: { sessionSecrets: [newer, TEST_SECRET] },
    });
    const there = replaced.visitor(visitor.jar);
    expect(locationOf(await send(there, form))).toBe("/account?notice=end-other-sessions");
    expect((await formOf(there, "/account", { intent: "delete-account" })).fields._for).not.toBe(
      form.fields._for,
    );
  });

  it("FE-24 tells nobody who it is", async () => {
    const [visitor, other] = [await browserOf(ADA), await browserOf(GRACE)];
    const [mine, theirs] = [
      await formOf(visitor, "/account", {}, "/logout"),
      await formOf(other, "/account", {}, "/logout"),
    ];
    expect(mine.fields._for).toMatch(/^[\w-]{22}$/);
    expect(mine.fields._for).not.toBe(theirs.fields._for);
    expect((await formsOf(app.visitor(), "/login")).map(({ fields }) => "_for" in fields)).toEqual([
      false,
    ]);
  });
});

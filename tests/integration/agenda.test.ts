import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

const ADA = "ada.lovelace@gmail.com";
const GRACE = "grace.hopper@gmail.com";
const CALENDAR = "https://www.googleapis.com/auth/calendar.events";
const ASKING = "Your calendar isn’t shared yet";
const GAP = "Google can’t be reached just now";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.store.endAllSessions({ reason: "signed_out", now: app.clock.now() });
  app.google.control.reset();
  app.log.lines.length = 0;
  await app.clock.advance(1000);
});

/** Asks Google for the calendar as the button on the page does; returns where that leads. */
async function askForCalendar(
  visitor: Visitor,
  choice: { account?: string; decision?: "allow" | "cancel"; scopes?: string[] } = {},
): Promise<string> {
  const started = await visitor.post("/auth/google", { scope: "calendar", returnTo: "/agenda" });
  return locationOf(await visitor.get(await visitor.answerAtGoogle(locationOf(started), choice)));
}

/** Somebody signed in who has allowed the calendar. */
async function withCalendar(account = ADA): Promise<Visitor> {
  const visitor = app.visitor();
  await visitor.signIn({ account });
  expect(await askForCalendar(visitor)).toBe("/agenda");
  app.google.calls.clear();
  return visitor;
}

const page = async (visitor: Visitor, path = "/agenda") =>
  (await (await visitor.get(path)).text()).replaceAll("<!-- -->", "");
const refreshes = () =>
  app.google.calls.list("token").filter((call) => call.grantType === "refresh_token").length;
const titlesOf = (account = ADA) =>
  app.google.control.calendarEvents(account).map(({ summary }) => summary);

describe("asking for the calendar", () => {
  it("DA-02 comes first: without the scope the page says why it asks, and calls nothing", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const text = await page(visitor);
    expect(text).toContain(ASKING);
    expect(text).toMatch(
      /<form method="post" action="\/auth\/google"[\s\S]*name="scope" value="calendar"/,
    );
    expect(app.google.calls.count("calendar")).toBe(0);
    expect(await visitor.session()).toMatchObject({ features: [] });
  });

  it("DA-03 happens on a click only, with what was granted before, for this account, and leads back", async () => {
    const visitor = app.visitor();
    await visitor.signIn({ account: GRACE });
    const session = await visitor.session();
    const id = session.status === "authenticated" ? session.user.id : "";
    const started = await visitor.post("/auth/google", { scope: "calendar", returnTo: "/agenda" });
    const asked = Object.fromEntries(new URL(locationOf(started)).searchParams);
    expect(asked).toMatchObject({
      scope: `openid email profile ${CALENDAR}`,
      include_granted_scopes: "true",
      login_hint: id,
      access_type: "offline",
    });
    expect(asked).not.toHaveProperty("prompt");
    const callback = await visitor.answerAtGoogle(locationOf(started));
    expect(locationOf(await visitor.get(callback))).toBe("/agenda");
    expect(await visitor.session()).toMatchObject({ user: { id }, features: ["calendar"] });
    expect(await page(visitor)).toContain("Tea with Charles");
  });

  it("DA-03 DA-05 isn't part of any other sign-in", async () => {
    for (const form of [{}, { scope: "nonsense" }, { scope: "constructor" }, { scope: "" }]) {
      const started = await app.visitor().post("/auth/google", form);
      const params = new URL(locationOf(started)).searchParams;
      expect(params.get("scope")).toBe("openid email profile");
    }
  });

  it("DA-03 declined twice leads back each time, says so, and never asks by itself", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    for (const _ of [1, 2]) {
      app.google.calls.clear();
      const login = await askForCalendar(visitor, { decision: "cancel" });
      expect(login).toBe("/login?returnTo=%2Fagenda&error=cancelled");
      const back = locationOf(await visitor.get(login));
      expect(back).toBe("/agenda?error=cancelled");
      const answer = await visitor.get(back);
      expect(answer.status).toBe(200);
      const text = await answer.text();
      expect(text).toContain("Google wasn’t allowed to share this");
      expect(text).toContain(ASKING);
      expect(app.google.calls.count("calendar")).toBe(0);
    }
    expect(await visitor.session()).toMatchObject({ status: "authenticated", features: [] });
  });

  it("DA-02 with its box left out: the session works, and the page still asks", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    expect(await askForCalendar(visitor, { scopes: [] })).toBe("/agenda");
    expect(await visitor.session()).toMatchObject({ status: "authenticated", features: [] });
    expect(await page(visitor)).toContain(ASKING);
    expect((await visitor.get("/dashboard")).status).toBe(200);
    expect(app.google.calls.count("calendar")).toBe(0);
  });

  it("DA-04 answered by another account is refused, and changes nothing", async () => {
    const visitor = app.visitor();
    await visitor.signIn({ account: ADA });
    const before = await visitor.session();
    const cookie = visitor.jar.get(app.cookie);
    const started = await visitor.post("/auth/google", { scope: "calendar", returnTo: "/agenda" });
    const url = new URL(locationOf(started));
    // Google doesn't promise to heed the hint: the person may switch accounts there.
    url.searchParams.set("login_hint", GRACE);
    const login = locationOf(await visitor.get(await visitor.answerAtGoogle(url.href)));
    expect(login).toBe("/login?returnTo=%2Fagenda&error=not_allowed");
    expect(await visitor.session()).toEqual(before);
    expect(visitor.jar.get(app.cookie)).toBe(cookie);
    const { issuer } = app.google;
    const sub = app.google.control.accounts().find(({ email }) => email === GRACE)?.sub ?? "";
    const found = await app.store.listSessions({ issuer, sub, now: app.clock.now() });
    expect(found).toEqual({ kind: "found", sessions: [] });
    expect(await page(visitor, locationOf(await visitor.get(login)))).toContain(
      "That was another Google account",
    );
  });

  it("DA-03 takes one more round where Google sends no refresh token that covers it", async () => {
    const laptop = await withCalendar();
    expect(laptop.jar.names()).toContain(app.cookie);
    const phone = app.visitor();
    await phone.signIn({ account: ADA });
    await app.store.endAllSessions({ reason: "signed_out", now: app.clock.now() - 1 });
    const again = app.visitor();
    await again.signIn({ account: ADA });
    let address = await askForCalendar(again);
    for (let rounds = 0; address.startsWith("http") && rounds < 2; rounds++) {
      address = locationOf(await again.get(await again.answerAtGoogle(address)));
    }
    expect(address).toBe("/agenda");
    await app.clock.advance(3_600_000);
    expect(await page(again)).toContain("Tea with Charles");
    expect(await again.session()).toMatchObject({ features: ["calendar"] });
  });
});

describe("the agenda", () => {
  it("groups events by day, by the clocks of the person's calendar", async () => {
    app.google.control.setCalendar(ADA, {
      timeZone: "America/New_York",
      events: [
        {
          summary: "Late call",
          location: "Room 7",
          start: { dateTime: "2026-01-17T02:30:00Z" },
          end: { dateTime: "2026-01-17T03:00:00Z" },
        },
        { summary: "Holiday", start: { date: "2026-01-16" }, end: { date: "2026-01-19" } },
        { summary: "<b>Bold</b>", start: { date: "2026-01-16" }, end: { date: "2026-01-17" } },
      ],
    });
    const text = await page(await withCalendar());
    expect(text).toContain("New York time");
    const days = [...text.matchAll(/<h3><time dateTime="([^"]+)">([^<]+)/gi)].map(
      ([, date, label]) => [date, label],
    );
    expect(days).toEqual([["2026-01-16", "Friday, 16 January"]]);
    expect(text).toContain("21:30–22:00");
    expect(text).toContain("All day, until 18 January");
    expect(text).toContain("&lt;b&gt;Bold&lt;/b&gt;");
    expect(text.indexOf("Holiday")).toBeLessThan(text.indexOf("Late call"));
  });

  it("asks for the next fourteen days, single events in order, with the token in no address", async () => {
    const visitor = await withCalendar();
    await page(visitor);
    const [call] = app.google.calls.list("calendar");
    const now = app.clock.now();
    expect(call?.params).toMatchObject({
      timeMin: new Date(now).toISOString(),
      timeMax: new Date(now + 14 * 86_400_000).toISOString(),
      singleEvents: "true",
      orderBy: "startTime",
    });
    expect(JSON.stringify(call?.params)).not.toContain("ya29");
  });

  it("says so when nothing is planned", async () => {
    app.google.control.setCalendar(ADA, { events: [] });
    expect(await page(await withCalendar())).toContain("Nothing is planned");
  });

  it("leads on to more events, and back", async () => {
    const events = Array.from({ length: 30 }, (_, index) => ({
      summary: `Event ${index + 1}.`,
      start: { date: `2026-01-${16 + Math.floor(index / 4)}` },
      end: { date: `2026-01-${17 + Math.floor(index / 4)}` },
    }));
    app.google.control.setCalendar(ADA, { events });
    const visitor = await withCalendar();
    const first = await page(visitor);
    expect(first).toContain("Event 25.");
    expect(first).not.toContain("Event 26.");
    const more = /href="(\/agenda\?from=[^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const second = await page(visitor, more);
    expect(second).not.toContain("Event 25.");
    expect(second).toContain("Event 30.");
    expect(second).toContain("Back to today");
    // An old or made-up address begins at the beginning.
    expect(await page(visitor, "/agenda?from=1&page=x")).toContain("Event 1.");
    const stale = await visitor.get(`/agenda?from=${app.clock.now()}&page=nonsense`);
    expect(locationOf(stale)).toBe("/agenda");
  });

  it("DA-11 shows two people at the same time each their own", async () => {
    app.google.control.setCalendar(GRACE, {
      events: [{ summary: "Compiler", start: { date: "2026-01-16" }, end: { date: "2026-01-17" } }],
    });
    const [ada, grace] = [await withCalendar(ADA), await withCalendar(GRACE)];
    const pages = await Promise.all(
      Array.from({ length: 20 }, (_, index) => page(index % 2 ? ada : grace)),
    );
    for (const [index, text] of pages.entries()) {
      expect(text.includes("Compiler")).toBe(index % 2 === 0);
      expect(text.includes("Tea with Charles")).toBe(index % 2 === 1);
    }
  });
});

describe("an account that is disabled", () => {
  it("DA-12 is shut out with its live cookie, with no call to Google", async () => {
    const visitor = await withCalendar();
    const following = new AbortController();
    const followed = app.follow(following.signal);
    const { issuer } = app.google;
    const sub = app.google.control.accounts().find(({ email }) => email === ADA)?.sub ?? "";
    const person = { issuer, sub, reason: "ended_elsewhere" };
    await app.store.setUserDisabled({ ...person, disabled: true, now: app.clock.now() });
    await app.clock.advance(2500);
    expect(locationOf(await visitor.get("/agenda"))).toBe(
      "/login?returnTo=%2Fagenda&reason=ended_elsewhere",
    );
    expect(app.google.calls.list()).toEqual([]);
    following.abort();
    await followed;
    await app.store.setUserDisabled({ ...person, disabled: false, now: app.clock.now() });
  });
});

describe("when Google fails, the agenda", () => {
  it("DA-07 renews a refused token once, for all requests, and shows the events", async () => {
    const visitor = await withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "authError" }, { times: 1 });
    const answer = await visitor.get("/agenda");
    expect(await answer.text()).toContain("Tea with Charles");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect([app.google.calls.count("calendar"), refreshes()]).toEqual([2, 1]);
  });

  it("DA-07 refused again asks to continue with Google, and ends nothing", async () => {
    const visitor = await withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "authError" });
    const text = await page(visitor);
    expect(text).toContain("Google doesn’t accept this sign-in");
    expect(text).toContain('name="scope" value="calendar"');
    expect([app.google.calls.count("calendar"), refreshes()]).toEqual([2, 1]);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("DA-07 of many requests with one refused token makes one refresh, on two servers too", async () => {
    const there = await startTestApp({ beside: app });
    const visitor = await withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "authError" }, { times: 8 });
    const elsewhere = there.visitor(visitor.jar.copy());
    let answered = false;
    const pages = Promise.all(
      Array.from({ length: 8 }, (_, index) => page(index % 2 ? visitor : elsewhere)),
    ).finally(() => {
      answered = true;
    });
    while (!answered) await app.clock.advance(50);
    for (const text of await pages) expect(text).toContain("Tea with Charles");
    expect(refreshes()).toBe(1);
    await there.stop();
  });

  it("DA-07 a grant that turns out dead ends the session and leads to sign-in, and back", async () => {
    const visitor = await withCalendar();
    app.google.control.revokeGrant(ADA);
    const answer = await visitor.get("/agenda");
    expect(locationOf(answer)).toBe("/login?returnTo=%2Fagenda&reason=grant_revoked");
    expect(visitor.jar.names()).not.toContain(app.cookie);
  });

  it("DA-08 asks for consent again when Google says that the scope is missing: no refresh, no sign-out", async () => {
    const visitor = await withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "insufficientPermissions" });
    expect(await page(visitor)).toContain(ASKING);
    expect([app.google.calls.count("calendar"), refreshes()]).toEqual([1, 0]);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it.each(["rateLimitExceeded", "tooManyRequests"] as const)(
    "DA-08 leaves Google in peace as long as it asks to: %s",
    async (reason) => {
      const [ada, grace] = [await withCalendar(ADA), await withCalendar(GRACE)];
      const fault = { kind: "api-error", reason, retryAfterSeconds: 30 } as const;
      app.google.faults.set("calendar", fault, { times: 1 });
      expect(await page(ada)).toContain("Google asks us to wait");
      await app.clock.advance(29_000);
      expect(await page(ada)).toContain("Google asks us to wait");
      expect(app.google.calls.count("calendar")).toBe(1);
      expect(await page(grace), "nobody else has to wait").toContain("Tea with Charles");
      await app.clock.advance(1000);
      expect(await page(ada)).toContain("Tea with Charles");
      expect(refreshes()).toBe(0);
      expect(await ada.session()).toMatchObject({ status: "authenticated" });
    },
  );

  it.each([
    ["503", { kind: "api-error", reason: "backendError" }],
    ["an HTML page", { kind: "html" }],
    ["half an answer", { kind: "truncated" }],
    ["a redirect", { kind: "status", status: 302, headers: { Location: "https://evil.example/" } }],
    ["ten megabytes", { kind: "huge", bytes: 10_000_000 }],
    ["a list of nonsense", { kind: "merge", merge: { items: "none" } }],
  ] as const)("shows the gap for %s, and heals", async (_, fault) => {
    const visitor = await withCalendar();
    app.google.faults.set("calendar", fault);
    const answer = await visitor.get("/agenda");
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(GAP);
    app.google.faults.clear();
    expect(await page(visitor)).toContain("Tea with Charles");
  });

  it("waits five seconds for silence, no longer", async () => {
    const visitor = await withCalendar();
    app.google.faults.set("calendar", { kind: "hang" });
    const pending = page(visitor);
    await expect.poll(() => app.google.faults.held).toBe(1);
    await app.clock.advance(5000);
    expect(await pending).toContain(GAP);
  });

  it("leaves out an event that can't be read, and shows the others", async () => {
    const visitor = await withCalendar();
    const good = {
      id: "a",
      summary: "Good",
      start: { date: "2026-01-16" },
      end: { date: "2026-01-17" },
    };
    const items = [
      null,
      { id: 7 },
      { ...good, start: {} },
      { ...good, status: "cancelled", summary: "Gone" },
      good,
    ];
    app.google.faults.set("calendar", {
      kind: "merge",
      merge: { items, timeZone: "Mars/Olympus" },
    });
    const text = await page(visitor);
    expect(text).toContain("Good");
    expect(text).not.toContain("Gone");
    expect(text).toContain("UTC");
  });
});

describe("the dashboard", () => {
  it("shows the next few events", async () => {
    const text = await page(await withCalendar(), "/dashboard");
    expect(text).toContain("Tea with Charles");
    expect(text).not.toContain("Journey to the sea");
  });

  it("DA-02 calls no calendar without the scope, and leads to where it is asked for", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    expect(await page(visitor, "/dashboard")).toContain("Show my calendar");
    expect(app.google.calls.count("calendar")).toBe(0);
  });

  it("has a gap of its own for the calendar, and one for the profile", async () => {
    const visitor = await withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "backendError" });
    const withoutEvents = await page(visitor, "/dashboard");
    expect(withoutEvents).toContain("Your calendar can’t be shown just now");
    expect(withoutEvents).not.toContain(GAP);
    app.google.faults.clear();
    app.google.faults.set("userinfo", { kind: "status", status: 500 });
    const withoutProfile = await page(visitor, "/dashboard");
    expect(withoutProfile).toContain(GAP);
    expect(withoutProfile).toContain("Tea with Charles");
  });

  it("DA-07 renews once when both calls of one request find their token refused", async () => {
    const visitor = await withCalendar();
    app.google.faults.set("calendar", { kind: "status", status: 401 }, { times: 1 });
    app.google.faults.set("userinfo", { kind: "status", status: 401 }, { times: 1 });
    const answer = await visitor.get("/dashboard");
    const text = await answer.text();
    expect(text).toContain("Verified by Google");
    expect(text).toContain("Tea with Charles");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(refreshes()).toBe(1);
  });
});

describe("the form that adds an event", () => {
  const FERRY = { title: "Ferry", date: "2026-01-20", start: "10:00", end: "11:30" };
  const hidden = (text: string, name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? "";

  /** The form as the page has it, filled in. */
  async function filledIn(visitor: Visitor, fields: Record<string, string> = {}) {
    const text = await page(visitor);
    return { id: hidden(text, "id"), timeZone: hidden(text, "timeZone"), ...FERRY, ...fields };
  }

  it("adds it in the calendar's zone, redirects, and shows it", async () => {
    app.google.control.setCalendar(ADA, { timeZone: "America/New_York", events: [] });
    const visitor = await withCalendar();
    const answer = await visitor.post("/agenda", await filledIn(visitor));
    expect([answer.status, locationOf(answer)]).toEqual([302, "/agenda?notice=added"]);
    const text = await page(visitor, locationOf(answer));
    expect(text).toContain("The event is in your calendar");
    expect(text).toContain("10:00–11:30");
    expect(app.google.control.calendarEvents(ADA)).toMatchObject([
      { summary: "Ferry", start: { dateTime: "2026-01-20T15:00:00.000Z" } },
    ]);
  });

  it("makes one event of one form, however often it is sent", async () => {
    const visitor = await withCalendar();
    const form = await filledIn(visitor);
    const answers = await Promise.all([1, 2, 3].map(() => visitor.post("/agenda", form)));
    expect(answers.map(locationOf).sort()).toEqual([
      "/agenda?notice=added",
      "/agenda?notice=already",
      "/agenda?notice=already",
    ]);
    expect(titlesOf().filter((title) => title === "Ferry")).toHaveLength(1);
    expect((await filledIn(visitor)).id).not.toBe(form.id);
  });

  it("can be sent again when the answer was lost, and still adds it once", async () => {
    const visitor = await withCalendar();
    const form = await filledIn(visitor);
    app.google.faults.set("calendar", { kind: "reset-after" });
    const lost = await visitor.post("/agenda", form);
    expect(lost.status).toBe(503);
    const text = await lost.text();
    expect(text).toContain("couldn’t be added just now");
    expect(hidden(text, "id")).toBe(form.id);
    expect(text).toContain('value="Ferry"');
    app.google.faults.clear();
    expect(locationOf(await visitor.post("/agenda", form))).toBe("/agenda?notice=already");
    expect(titlesOf().filter((title) => title === "Ferry")).toHaveLength(1);
  });

  it("takes an event without times for the whole day, and one without an end for an hour", async () => {
    const visitor = await withCalendar();
    await visitor.post("/agenda", await filledIn(visitor, { title: "Day", start: "", end: "" }));
    await visitor.post(
      "/agenda",
      await filledIn(visitor, { title: "Hour", start: "23:30", end: "" }),
    );
    const events = app.google.control.calendarEvents(ADA);
    expect(events.find(({ summary }) => summary === "Day")).toMatchObject({
      start: { date: "2026-01-20" },
      end: { date: "2026-01-21" },
    });
    expect(events.find(({ summary }) => summary === "Hour")).toMatchObject({
      start: { dateTime: "2026-01-20T23:30:00.000Z" },
      end: { dateTime: "2026-01-21T00:30:00.000Z" },
    });
  });

  it.each([
    ["no name", { title: "  " }, "give the event a name"],
    ["too long a name", { title: "x".repeat(201) }, "at most 200"],
    ["no day", { date: "" }, "choose a day"],
    ["a day that doesn't exist", { date: "2026-02-30" }, "choose a day"],
    ["an end before the start", { end: "09:00" }, "end after it starts"],
    ["an end alone", { start: "" }, "when it starts"],
    ["a time that is none", { start: "25:00" }, "like 14:30"],
  ])(
    "refuses %s, says so beside the field, and keeps what was written",
    async (_, fields, words) => {
      const visitor = await withCalendar();
      const form = await filledIn(visitor, fields);
      app.google.calls.clear();
      const answer = await visitor.post("/agenda", form);
      expect(answer.status).toBe(400);
      const text = await answer.text();
      expect(text).toContain(words);
      expect(text).toContain('aria-invalid="true"');
      expect(hidden(text, "id")).toBe(form.id);
      expect(app.google.calls.list("calendar").filter(({ method }) => method === "POST")).toEqual(
        [],
      );
    },
  );

  it("stands up to a form that nobody wrote", async () => {
    const visitor = await withCalendar();
    const form = await filledIn(visitor, { id: "../../x", timeZone: "Mars/Olympus" });
    expect(locationOf(await visitor.post("/agenda", form))).toBe("/agenda?notice=added");
    expect(app.google.control.calendarEvents(ADA).at(-1)?.id).toMatch(/^[0-9a-v]{26}$/);
    const garbage = await visitor.request("/agenda", {
      method: "POST",
      body: "{",
      headers: { "Content-Type": "multipart/form-data; boundary=x" },
    });
    expect(garbage.status).toBe(400);
  });

  it("DA-10 does nothing for somebody who isn't signed in, and isn't sent again after signing in", async () => {
    const visitor = await withCalendar();
    const form = await filledIn(visitor);
    await visitor.post("/logout");
    app.google.calls.clear();
    const answer = await visitor.post("/agenda", form);
    expect(locationOf(answer)).toBe("/login?returnTo=%2Fagenda");
    expect(app.google.calls.count("calendar")).toBe(0);
    expect(locationOf(await visitor.signIn({ returnTo: "/agenda" }))).toBe("/agenda");
    await page(visitor);
    expect(titlesOf()).not.toContain("Ferry");
  });

  it("DA-02 sends nothing to Google without the scope", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    app.google.calls.clear();
    expect(locationOf(await visitor.post("/agenda", FERRY))).toBe("/agenda");
    expect(app.google.calls.count("calendar")).toBe(0);
  });
});

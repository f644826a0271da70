import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../support/test-app";
import { locationOf } from "../../support/visitor";
import { ADA, type AgendaWorld, ALAN, ASKING, GAP, GRACE, startAgendaWorld } from "./agenda-world";

let app: TestApp;
let world: AgendaWorld;
beforeAll(async () => {
  world = await startAgendaWorld();
  app = world.app;
});
afterAll(() => app.stop());
beforeEach(() => world.reset());

describe("the agenda", () => {
  it("groups events by day, by the clocks of the person’s calendar", async () => {
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
    const text = await world.page(await world.withCalendar());
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
    const visitor = await world.withCalendar();
    await world.page(visitor);
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
    expect(await world.page(await world.withCalendar())).toContain("Nothing is planned");
  });

  it("leads on to more events, and back", async () => {
    const events = Array.from({ length: 30 }, (_, index) => ({
      summary: `Event ${index + 1}.`,
      start: { date: `2026-01-${16 + Math.floor(index / 4)}` },
      end: { date: `2026-01-${17 + Math.floor(index / 4)}` },
    }));
    app.google.control.setCalendar(ADA, { events });
    const visitor = await world.withCalendar();
    const first = await world.page(visitor);
    expect(first).toContain("Event 25.");
    expect(first).not.toContain("Event 26.");
    const more = /href="(\/agenda\?from=[^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const second = await world.page(visitor, more);
    expect(second).not.toContain("Event 25.");
    expect(second).toContain("Event 30.");
    expect(second).toContain("Back to today");
    // An old or made-up address begins at the beginning.
    expect(await world.page(visitor, "/agenda?from=1&page=x")).toContain("Event 1.");
    const stale = await visitor.get(`/agenda?from=${app.clock.now()}&page=nonsense`);
    expect(locationOf(stale)).toBe("/agenda");
  });

  it("DA-11 shows two people at the same time each their own", async () => {
    app.google.control.setCalendar(GRACE, {
      events: [{ summary: "Compiler", start: { date: "2026-01-16" }, end: { date: "2026-01-17" } }],
    });
    const [ada, grace] = [await world.withCalendar(ADA), await world.withCalendar(GRACE)];
    const pages = await Promise.all(
      Array.from({ length: 20 }, (_, index) => world.page(index % 2 ? ada : grace)),
    );
    for (const [index, text] of pages.entries()) {
      expect(text.includes("Compiler")).toBe(index % 2 === 0);
      expect(text.includes("Tea with Charles")).toBe(index % 2 === 1);
    }
  });
});

describe("when Google fails, the agenda", () => {
  it("DA-07 renews a refused token once, for all requests, and shows the events", async () => {
    const visitor = await world.withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "authError" }, { times: 1 });
    const answer = await visitor.get("/agenda");
    expect(await answer.text()).toContain("Tea with Charles");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect([app.google.calls.count("calendar"), world.refreshes()]).toEqual([2, 1]);
  });

  it("DA-07 refused again asks to continue with Google, and ends nothing", async () => {
    const visitor = await world.withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "authError" });
    const text = await world.page(visitor);
    expect(text).toContain("Google doesn’t accept this sign-in");
    expect(text).toContain('name="scope" value="calendar"');
    expect([app.google.calls.count("calendar"), world.refreshes()]).toEqual([2, 1]);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("DA-07 of many requests with one refused token makes one refresh, on two servers too", async () => {
    const there = await startTestApp({ beside: app });
    const visitor = await world.withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "authError" }, { times: 8 });
    const elsewhere = there.visitor(visitor.jar.copy());
    let answered = false;
    const pages = Promise.all(
      Array.from({ length: 8 }, (_, index) => world.page(index % 2 ? visitor : elsewhere)),
    ).finally(() => {
      answered = true;
    });
    while (!answered) await app.clock.advance(50);
    for (const text of await pages) expect(text).toContain("Tea with Charles");
    expect(world.refreshes()).toBe(1);
    await there.stop();
  });

  it("DA-08 asks for consent again when Google says that the scope is missing: no refresh, no sign-out", async () => {
    const visitor = await world.withCalendar();
    app.google.faults.set("calendar", {
      kind: "api-error",
      reason: "insufficientPermissions",
    });
    expect(await world.page(visitor)).toContain(ASKING);
    expect([app.google.calls.count("calendar"), world.refreshes()]).toEqual([1, 0]);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it.each(["rateLimitExceeded", "tooManyRequests"] as const)(
    "DA-08 leaves Google in peace as long as it asks to: %s",
    async (reason) => {
      const [ada, grace] = [await world.withCalendar(ADA), await world.withCalendar(GRACE)];
      const fault = { kind: "api-error", reason, retryAfterSeconds: 30 } as const;
      app.google.faults.set("calendar", fault, { times: 1 });
      expect(await world.page(ada)).toContain("Google asks us to wait");
      await app.clock.advance(29_000);
      expect(await world.page(ada)).toContain("Google asks us to wait");
      expect(app.google.calls.count("calendar")).toBe(1);
      expect(await world.page(grace), "nobody else has to wait").toContain("Tea with Charles");
      await app.clock.advance(1000);
      expect(await world.page(ada)).toContain("Tea with Charles");
      expect(world.refreshes()).toBe(0);
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
    const visitor = await world.withCalendar();
    app.google.faults.set("calendar", fault);
    const answer = await visitor.get("/agenda");
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(GAP);
    app.google.faults.clear();
    expect(await world.page(visitor)).toContain("Tea with Charles");
  });

  it("waits five seconds for silence, no longer", async () => {
    const visitor = await world.withCalendar();
    app.google.faults.set("calendar", { kind: "hang" });
    const pending = world.page(visitor);
    await expect.poll(() => app.google.faults.held).toBe(1);
    await app.clock.advance(5000);
    expect(await pending).toContain(GAP);
  });

  it("leaves out an event that can’t be read, and shows the others", async () => {
    const visitor = await world.withCalendar();
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
    const text = await world.page(visitor);
    expect(text).toContain("Good");
    expect(text).not.toContain("Gone");
    expect(text).toContain("UTC");
  });
});

describe("the agenda of somebody whose access has ended", () => {
  it("DA-07 with a grant that turns out dead ends the session and leads to sign-in, and back", async () => {
    const visitor = await world.withCalendar(GRACE);
    app.google.control.revokeGrant(GRACE);
    const answer = await visitor.get("/agenda");
    expect(locationOf(answer)).toBe("/login?returnTo=%2Fagenda&reason=grant_revoked");
    expect(visitor.jar.names()).not.toContain(app.cookie);
  });

  it("DA-12 of an account that is disabled is shut out with its live cookie, with no call to Google", async () => {
    const visitor = await world.withCalendar(ALAN);
    const following = new AbortController();
    const followed = app.follow(following.signal);
    const { issuer } = app.google;
    const sub = world.subOf(ALAN);
    const person = { issuer, sub, reason: "ended_elsewhere" };
    await app.store.setUserDisabled({
      ...person,
      disabled: true,
    });
    await app.clock.advance(2500);
    expect(locationOf(await visitor.get("/agenda"))).toBe(
      "/login?returnTo=%2Fagenda&reason=ended_elsewhere",
    );
    expect(app.google.calls.list()).toEqual([]);
    following.abort();
    await followed;
    await app.store.setUserDisabled({
      ...person,
      disabled: false,
    });
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestApp } from "../../support/test-app";
import { locationOf, type Visitor } from "../../support/visitor";
import { ADA, type AgendaWorld, ALAN, ASKING, GRACE, startAgendaWorld } from "./agenda-world";

let app: TestApp;
let world: AgendaWorld;
beforeAll(async () => {
  world = await startAgendaWorld();
  app = world.app;
});
afterAll(() => app.stop());
beforeEach(() => world.reset());

describe("the form that adds an event", () => {
  const FERRY = { title: "Ferry", date: "2026-01-20", start: "10:00", end: "11:30" };
  const hidden = (text: string, name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? "";

  /** The form as the page has it, filled in. */
  async function filledIn(visitor: Visitor, fields: Record<string, string> = {}) {
    const text = await world.page(visitor);
    return { id: hidden(text, "id"), timeZone: hidden(text, "timeZone"), ...FERRY, ...fields };
  }

  it("adds it in the calendar’s zone, redirects, and shows it", async () => {
    app.google.control.setCalendar(ADA, { timeZone: "America/New_York", events: [] });
    const visitor = await world.withCalendar();
    const answer = await visitor.post("/agenda", await filledIn(visitor));
    expect([answer.status, locationOf(answer)]).toEqual([302, "/agenda?notice=added"]);
    const text = await world.page(visitor, locationOf(answer));
    expect(text).toContain("The event is in your calendar");
    expect(text).toContain("10:00–11:30");
    expect(app.google.control.calendarEvents(ADA)).toMatchObject([
      { summary: "Ferry", start: { dateTime: "2026-01-20T15:00:00.000Z" } },
    ]);
  });

  it("makes one event of one form, however often it is sent", async () => {
    const visitor = await world.withCalendar();
    const form = await filledIn(visitor);
    const answers = await Promise.all([1, 2, 3].map(() => visitor.post("/agenda", form)));
    expect(answers.map(locationOf).sort()).toEqual([
      "/agenda?notice=added",
      "/agenda?notice=already",
      "/agenda?notice=already",
    ]);
    expect(world.titlesOf().filter((title) => title === "Ferry")).toHaveLength(1);
    // A browser shows the last answer only: whoever clicked twice has to read that it went well.
    expect(await world.page(visitor, "/agenda?notice=already")).toContain(
      "The event is in your calendar. It was sent twice, and added once.",
    );
    expect((await filledIn(visitor)).id).not.toBe(form.id);
  });

  it("can be sent again when the answer was lost, and still adds it once", async () => {
    const visitor = await world.withCalendar();
    const form = await filledIn(visitor);
    app.google.faults.set("calendar", { kind: "reset-after" });
    const lost = await visitor.post("/agenda", form);
    expect(lost.status).toBe(503);
    const text = await lost.text();
    expect(text).toContain("may not have been added");
    expect(hidden(text, "id")).toBe(form.id);
    expect(text).toContain('value="Ferry"');
    app.google.faults.clear();
    expect(locationOf(await visitor.post("/agenda", form))).toBe("/agenda?notice=already");
    expect(world.titlesOf().filter((title) => title === "Ferry")).toHaveLength(1);
  });

  it("takes an event without times for the whole day, and one without an end for an hour", async () => {
    const visitor = await world.withCalendar();
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
    ["a day that doesn’t exist", { date: "2026-02-30" }, "choose a day"],
    ["an end before the start", { end: "09:00" }, "end after it starts"],
    ["an end alone", { start: "" }, "when it starts"],
    ["a time that is none", { start: "25:00" }, "like 14:30"],
  ])(
    "refuses %s, says so beside the field, and keeps what was written",
    async (_, fields, words) => {
      const visitor = await world.withCalendar();
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
    const visitor = await world.withCalendar();
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

  it("says when to try again, and keeps what was written, while Google can’t take it", async () => {
    const visitor = await world.withCalendar();
    const form = await filledIn(visitor);
    app.google.faults.set("calendar", { kind: "api-error", reason: "backendError" });
    for (const path of ["/agenda", "/agenda.data"]) {
      const failed = await visitor.post(path, form);
      expect([failed.status, failed.headers.get("Retry-After")]).toEqual([503, "5"]);
      expect(await failed.text()).toContain("Ferry");
    }
    const haste = {
      kind: "api-error",
      reason: "rateLimitExceeded",
      retryAfterSeconds: 30,
    } as const;
    app.google.faults.set("calendar", haste, { times: 1 });
    const hasty = await visitor.post("/agenda", form);
    expect([hasty.status, hasty.headers.get("Retry-After")]).toEqual([503, "30"]);
    await app.clock.advance(30_000);
    expect(locationOf(await visitor.post("/agenda", form))).toBe("/agenda?notice=added");
  });

  it.each([
    ["DA-07", "authError"],
    ["DA-08", "insufficientPermissions"],
  ] as const)(
    "%s asks to continue with Google when it answers %s, and keeps what was written",
    async (_, reason) => {
      const visitor = await world.withCalendar();
      const form = await filledIn(visitor);
      app.google.faults.set("calendar", { kind: "api-error", reason });
      const answer = await visitor.post("/agenda", form);
      expect([answer.status, answer.headers.get("Retry-After")]).toEqual([403, null]);
      const text = await answer.text();
      expect(text).toContain("The event wasn’t added");
      expect(text).toContain('name="scope" value="calendar"');
      expect(text).toContain('value="Ferry"');
      expect(await visitor.session()).toMatchObject({ status: "authenticated" });
    },
  );

  it("DA-10 does nothing for somebody who isn’t signed in, and isn’t sent again after signing in", async () => {
    const visitor = await world.withCalendar(GRACE);
    const form = await filledIn(visitor);
    await visitor.post("/logout");
    app.google.calls.clear();
    const answer = await visitor.post("/agenda", form);
    expect(locationOf(answer)).toBe("/login?returnTo=%2Fagenda");
    expect(app.google.calls.count("calendar")).toBe(0);
    expect(locationOf(await visitor.signIn({ account: GRACE, returnTo: "/agenda" }))).toBe(
      "/agenda",
    );
    await world.page(visitor);
    expect(world.titlesOf(GRACE)).not.toContain("Ferry");
  });

  it("DA-02 sends nothing to Google without the scope", async () => {
    const visitor = app.visitor();
    await visitor.signIn({ account: ALAN });
    app.google.calls.clear();
    const answer = await visitor.post("/agenda", FERRY);
    expect(answer.status).toBe(403);
    const text = await answer.text();
    expect(text).toContain(ASKING);
    expect(text).toContain('value="Ferry"');
    expect(app.google.calls.count("calendar")).toBe(0);
  });
});

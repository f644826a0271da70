import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestApp } from "../../support/test-app";
import { type AgendaWorld, ALAN, GAP, GRACE, startAgendaWorld } from "./agenda-world";

let app: TestApp;
let world: AgendaWorld;
beforeAll(async () => {
  world = await startAgendaWorld();
  app = world.app;
});
afterAll(() => app.stop());
beforeEach(() => world.reset());

describe("the dashboard", () => {
  it("shows the next few events", async () => {
    const text = await world.page(await world.withCalendar(), "/dashboard");
    expect(text).toContain("Tea with Charles");
    expect(text).not.toContain("Journey to the sea");
  });

  it("DA-02 calls no calendar without the scope, and leads to where it is asked for", async () => {
    const visitor = app.visitor();
    await visitor.signIn({ account: ALAN });
    expect(await world.page(visitor, "/dashboard")).toContain("Show my calendar");
    expect(app.google.calls.count("calendar")).toBe(0);
  });

  it("has a gap of its own for the calendar, and one for the profile", async () => {
    const visitor = await world.withCalendar();
    app.google.faults.set("calendar", { kind: "api-error", reason: "backendError" });
    const withoutEvents = await world.page(visitor, "/dashboard");
    expect(withoutEvents).toContain("Your calendar can’t be shown just now");
    expect(withoutEvents).not.toContain(GAP);
    app.google.faults.clear();
    app.google.faults.set("userinfo", { kind: "status", status: 500 });
    const withoutProfile = await world.page(visitor, "/dashboard");
    expect(withoutProfile).toContain(GAP);
    expect(withoutProfile).toContain("Tea with Charles");
  });

  it("DA-07 renews once when both calls of one request find their token refused", async () => {
    const visitor = await world.withCalendar();
    app.google.faults.set("calendar", { kind: "status", status: 401 }, { times: 1 });
    app.google.faults.set("userinfo", { kind: "status", status: 401 }, { times: 1 });
    const answer = await visitor.get("/dashboard");
    const text = await answer.text();
    expect(text).toContain("Verified by Google");
    expect(text).toContain("Tea with Charles");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(world.refreshes()).toBe(1);
  });

  it("shows the token’s hour, its window, and the last renewals", async () => {
    const visitor = app.visitor();
    await visitor.signIn({ account: GRACE });
    const timeline = async () =>
      /<figure class="timeline[\s\S]*?<\/figure>/.exec(
        await world.page(visitor, "/dashboard"),
      )?.[0] ?? "";
    const dots = (figure: string) => figure.match(/class="timeline-dot"/g)?.length ?? 0;
    const first = await timeline();
    expect(first).toContain("Given when you signed in");
    expect([dots(first), first.includes("Renewals before")]).toEqual([0, false]);
    for (let renewals = 1; renewals < 8; renewals++) {
      await app.clock.advance(55 * 60_000);
      const figure = await timeline();
      expect(figure).toContain("timeline-window");
      expect(dots(figure)).toBe(Math.min(renewals, 5));
      expect(figure.includes("Renewals before")).toBe(renewals > 1);
    }
    expect(await timeline()).toContain("55 minutes ago");
  });
});

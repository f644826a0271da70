import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestApp } from "../../support/test-app";
import { locationOf } from "../../support/visitor";
import { ADA, type AgendaWorld, ASKING, GRACE, startAgendaWorld } from "./agenda-world";

let app: TestApp;
let world: AgendaWorld;
beforeAll(async () => {
  world = await startAgendaWorld();
  app = world.app;
});
afterAll(() => app.stop());
/** As if nobody had ever been here. */
beforeEach(async () => {
  await app.store.endAllSessions({ reason: "signed_out" });
  app.google.control.reset();
  app.log.lines.length = 0;
  await app.clock.advance(1000);
});

const CALENDAR = "https://www.googleapis.com/auth/calendar.events";

describe("asking for the calendar", () => {
  it("DA-02 comes first: without the scope the page says why it asks, and calls nothing", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const text = await world.page(visitor);
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
    expect(await world.page(visitor)).toContain("Tea with Charles");
  });

  it("DA-03 DA-05 isn’t part of any other sign-in", async () => {
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
      const login = await world.askForCalendar(visitor, { decision: "cancel" });
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

  it("FB-7 answered, and the answer reloaded: says nothing of a failure, since there is none", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const started = await visitor.post("/auth/google", { scope: "calendar", returnTo: "/agenda" });
    const callback = await visitor.answerAtGoogle(locationOf(started));
    const late = app.visitor(visitor.jar.copy());
    await visitor.get(callback);
    late.jar.set(app.cookie, visitor.jar.get(app.cookie) ?? "");
    const back = locationOf(await late.get(locationOf(await late.get(callback))));
    expect(back).toBe("/agenda?error=expired");
    expect(await world.page(late, back)).not.toMatch(/couldn’t be finished|Nothing was changed/);
  });

  it("DA-02 with its box left out: the session works, and the page still asks", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    expect(await world.askForCalendar(visitor, { scopes: [] })).toBe("/agenda");
    expect(await visitor.session()).toMatchObject({ status: "authenticated", features: [] });
    expect(await world.page(visitor)).toContain(ASKING);
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
    // Google doesn’t promise to heed the hint: the person may switch accounts there.
    url.searchParams.set("login_hint", GRACE);
    const login = locationOf(await visitor.get(await visitor.answerAtGoogle(url.href)));
    expect(login).toBe("/login?returnTo=%2Fagenda&error=not_allowed");
    expect(await visitor.session()).toEqual(before);
    expect(visitor.jar.get(app.cookie)).toBe(cookie);
    const { issuer } = app.google;
    const sub = app.google.control.accounts().find(({ email }) => email === GRACE)?.sub ?? "";
    const found = await app.store.listSessions({ issuer, sub, startedAfter: 0, seenAfter: 0 });
    expect(found).toEqual({ kind: "found", sessions: [] });
    expect(await world.page(visitor, locationOf(await visitor.get(login)))).toContain(
      "That was another Google account",
    );
  });

  it("DA-03 takes one more round where Google sends no refresh token that covers it", async () => {
    const laptop = await world.withCalendar();
    expect(laptop.jar.names()).toContain(app.cookie);
    const phone = app.visitor();
    await phone.signIn({ account: ADA });
    await app.store.endAllSessions({ reason: "signed_out" });
    const again = app.visitor();
    await again.signIn({ account: ADA });
    let address = await world.askForCalendar(again);
    for (let rounds = 0; address.startsWith("http") && rounds < 2; rounds++) {
      address = locationOf(await again.get(await again.answerAtGoogle(address)));
    }
    expect(address).toBe("/agenda");
    await app.clock.advance(3_600_000);
    expect(await world.page(again)).toContain("Tea with Charles");
    expect(await again.session()).toMatchObject({ features: ["calendar"] });
  });
});

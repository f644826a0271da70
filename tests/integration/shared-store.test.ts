import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../app/store/store.server";
import { openTestStore, startTestApp, type TestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

const UNTIL_EXPIRED = 3_600_000;

let here: TestApp;
let there: TestApp;
beforeAll(async () => {
  here = await startTestApp();
  there = await startTestApp({ beside: here });
});
afterAll(() => here.stop());
beforeEach(async () => {
  here.google.control.reset();
  await here.store.endAllSessions({ reason: "signed_out" });
  await here.clock.advance(1000);
});

/** Somebody signed in here, and the same browser as another server sees it. */
async function signedIn() {
  const visitor = here.visitor();
  expect(locationOf(await visitor.signIn())).toBe("/dashboard");
  here.google.calls.clear();
  return visitor;
}

describe("two servers with one database", () => {
  it("refresh once for 100 parallel requests of one session, and all succeed", async () => {
    here.google.control.rotateRefreshTokens(true);
    const visitor = await signedIn();
    const elsewhere = there.visitor(visitor.jar);
    await here.clock.advance(UNTIL_EXPIRED);
    const pages = Array.from({ length: 100 }, (_, index) =>
      (index % 2 ? visitor : elsewhere).get("/account"),
    );
    // Whoever waits for the other server looks again after a while of its clock.
    let answered = false;
    const answers = Promise.all(pages).finally(() => {
      answered = true;
    });
    while (!answered) await here.clock.advance(50);
    expect((await answers).map((page) => page.status)).toEqual(Array(100).fill(200));
    expect(here.google.calls.count("token")).toBe(1);
    expect(await elsewhere.session()).toMatchObject({ status: "authenticated" });
  });

  it("give a late request with the old cookie the newest tokens, with no call to Google", async () => {
    here.google.control.rotateRefreshTokens(true);
    const visitor = await signedIn();
    const late = there.visitor(visitor.jar.copy());
    await here.clock.advance(UNTIL_EXPIRED);
    await visitor.get("/dashboard");
    const page = await late.get("/dashboard");
    expect(page.status).toBe(200);
    expect(page.headers.getSetCookie()).toHaveLength(1);
    expect(here.google.calls.count("token")).toBe(1);
    expect(await late.session()).toEqual(await visitor.session());
  });

  it("SO-04 both refuse a copied cookie after sign-out: here at once, there within five seconds", async () => {
    const following = new AbortController();
    const followed = there.follow(following.signal);
    const visitor = await signedIn();
    const thief = visitor.jar.copy();
    await visitor.post("/logout");
    const signedOut = { status: "unauthenticated", reason: "signed_out" };
    expect(await here.visitor(thief.copy()).session()).toEqual(signedOut);
    await here.clock.advance(5000);
    expect(await there.visitor(thief.copy()).session()).toEqual(signedOut);
    expect(here.google.calls.count()).toBe(0);
    following.abort();
    await followed;
  });

  it("refuse it at its next refresh, even when a server has not followed the other’s ends", async () => {
    const visitor = await signedIn();
    const thief = there.visitor(visitor.jar.copy());
    await visitor.post("/logout");
    await here.clock.advance(UNTIL_EXPIRED);
    expect(locationOf(await thief.get("/dashboard"))).toContain("reason=signed_out");
    expect(here.google.calls.count("token")).toBe(0);
  });
});

describe("a request with a live token", () => {
  it("MP-07 asks neither the database nor the network", async () => {
    const asked: string[] = [];
    const counted = new Proxy(here.store, {
      get(store, name: keyof Store & string) {
        const method = store[name];
        if (typeof method === "boolean") return method;
        return (...args: never[]) => {
          asked.push(name);
          return Reflect.apply(method, store, args);
        };
      },
    });
    const app = await startTestApp({ beside: here, store: counted });
    const visitor = app.visitor();
    await visitor.signIn();
    asked.length = 0;
    here.google.calls.clear();
    for (let load = 0; load < 5; load++) {
      expect((await visitor.get("/")).status).toBe(200);
      await visitor.session();
    }
    expect(asked).toEqual([]);
    expect(here.google.calls.count()).toBe(0);
  });
});

describe("while the database is away", () => {
  it("sessions are read and refreshed, and sign-in is refused with a sentence", async () => {
    const store = await openTestStore(here.clock);
    const app = await startTestApp({ beside: here, store });
    const visitor = app.visitor();
    await visitor.signIn();
    expect(await (await visitor.get("/readyz")).json()).toEqual({
      status: "ready",
      checks: { database: "available" },
      waiting: { writes: 0, revocations: 0 },
    });
    await store.close();
    const readiness = await visitor.get("/readyz");
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toEqual({
      status: "unavailable",
      checks: { database: "unavailable" },
      waiting: { writes: 0, revocations: null },
    });
    here.google.calls.clear();
    await here.clock.advance(UNTIL_EXPIRED);
    expect((await visitor.get("/dashboard")).status).toBe(200);
    expect(here.google.calls.count("token")).toBe(1);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
    expect(locationOf(await app.visitor().signIn())).toContain("error=server_error");
    expect((await visitor.post("/logout")).status).toBe(302);
    expect(await visitor.session()).toEqual({ status: "unauthenticated", reason: null });
  });
});

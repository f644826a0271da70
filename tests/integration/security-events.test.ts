import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SecurityEventFlaw, SecurityEventOrder } from "../local-google/security-event-tokens";
import { openTestStore, startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

const PATH = "/auth/google/events";
const TYPE = "application/secevent+jwt";
const ADA = "ada.lovelace@gmail.com";
const GRACE = "grace.hopper@gmail.com";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(async () => {
  app.google.control.reset();
  await app.store.endAllSessions({ reason: "signed_out" });
  // An event has whole seconds: what begins within its own began before it.
  await app.clock.advance(1000);
  app.log.lines.length = 0;
});

interface Post {
  to?: TestApp;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
}

/** As Google posts: with no cookie, no `Origin` and no `Sec-Fetch-Site`. */
async function post(body: string, { to = app, path = PATH, method = "POST", headers }: Post = {}) {
  const request = new Request(to.origin + path, {
    method,
    body,
    headers: { "Content-Type": TYPE, ...headers },
  });
  return to.fetch(request);
}

async function send(order: SecurityEventOrder, options: Post = {}): Promise<Response> {
  return post(await app.google.control.sendSecurityEvent(order), options);
}

async function signedIn(account = ADA): Promise<Visitor> {
  const visitor = app.visitor();
  expect(locationOf(await visitor.signIn({ account }))).toBe("/dashboard");
  return visitor;
}

/** Somebody with a copy of the cookie as it is now. */
function thiefOf(visitor: Visitor, where = app): Visitor {
  return where.visitor(visitor.jar.copy());
}

const ENDED = { status: "unauthenticated", reason: "security_event" };

describe("the receiver of security events", () => {
  it("SO-18 answers an event with 202 and nothing, again when it comes again, and sets no cookie", async () => {
    const order: SecurityEventOrder = { type: "verification", state: "canary-state", jti: "one" };
    for (let time = 0; time < 2; time++) {
      const answer = await send(order);
      expect(answer.status).toBe(202);
      expect(await answer.text()).toBe("");
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    const told = app.log.lines.filter((line) => line.event === "security_event_verification");
    expect(told).toMatchObject([{ fields: { hasState: true } }]);
    expect(JSON.stringify(app.log.lines)).not.toContain("canary-state");
  });

  it.each<[SecurityEventFlaw, string]>([
    ["wrong-signature", "authentication_failed"],
    ["alg-none", "invalid_key"],
    ["unknown-kid", "invalid_key"],
    ["wrong-typ", "invalid_request"],
    ["wrong-iss", "invalid_issuer"],
    ["wrong-aud", "invalid_audience"],
    ["no-jti", "invalid_request"],
    ["no-events", "invalid_request"],
    ["no-iat", "invalid_request"],
    ["future-iat", "invalid_request"],
  ])("SO-17 SO-18 answers one with %s with 400 and %s, and nothing happens", async (flaw, err) => {
    const visitor = await signedIn();
    const answer = await send({ type: "sessions-revoked", subject: ADA, flaw });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("Content-Type")).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual({ err, description: expect.stringMatching(/\.$/) });
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SO-17 SO-18 answers another content type and too large a body with 400", async () => {
    const token = await app.google.control.sendSecurityEvent({ type: "verification" });
    for (const type of ["application/jwt", "text/plain", "application/json"]) {
      const answer = await post(token, { headers: { "Content-Type": type } });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ err: "invalid_request" });
    }
    expect((await post(token, { headers: { "Content-Type": `${TYPE}; x=y` } })).status).toBe(202);
    const large = await post(`${token}${" ".repeat(65_536)}`);
    expect(large.status).toBe(400);
    expect(await large.json()).toMatchObject({ description: "The body is too large." });
  });

  it("SO-19 refuses an ID token of Google’s", async () => {
    let idToken = "";
    app.google.faults.set("token", {
      kind: "rewrite",
      change: (body) => {
        idToken = String(body.id_token);
        return body;
      },
    });
    await signedIn();
    expect(idToken.split(".")).toHaveLength(3);
    const answer = await post(idToken);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ err: "invalid_request" });
  });

  it("SO-18 answers 503 while the configuration or the keys can’t be had", async () => {
    for (const endpoint of ["risc", "jwks"] as const) {
      const cold = await startTestApp({ beside: app });
      app.google.faults.set(endpoint, { kind: "status", status: 500 });
      const answer = await send({ type: "verification" }, { to: cold });
      expect(answer.status).toBe(503);
      expect(answer.headers.get("Retry-After")).toBe("60");
      app.google.faults.clear();
      await app.clock.advance(60_000);
      expect((await send({ type: "verification" }, { to: cold })).status).toBe(202);
    }
  });

  it("FA-5 asks for keys once a minute, however many made-up events come, and leaves sign-in’s asking alone", async () => {
    const cold = await startTestApp({ beside: app });
    const visitor = cold.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    app.google.faults.set("jwks", { kind: "status", status: 500 });
    const bogus = await app.google.control.sendSecurityEvent({
      type: "sessions-revoked",
      subject: ADA,
      flaw: "unknown-kid",
    });
    app.google.calls.clear();
    const atOnce = Array.from({ length: 25 }, () => post(bogus, { to: cold }));
    for (const answer of await Promise.all(atOnce)) expect(answer.status).toBe(503);
    for (let event = 0; event < 25; event++) {
      expect((await post(bogus, { to: cold })).status).toBe(503);
    }
    expect(app.google.calls.count("jwks")).toBe(1);

    app.google.faults.clear("jwks");
    expect(locationOf(await visitor.get(callback))).toBe("/dashboard");
    expect(app.google.calls.count("jwks")).toBe(2);
  });

  it("FA-5 knows the keys that a sign-in has brought, and leaves it a look at new ones", async () => {
    const warm = await startTestApp({ beside: app });
    await warm.visitor().signIn();
    await app.clock.advance(60_000);
    app.google.calls.clear();
    const order: SecurityEventOrder = { type: "sessions-revoked", subject: ADA };
    const bogus = await app.google.control.sendSecurityEvent({ ...order, flaw: "unknown-kid" });
    for (let event = 0; event < 50; event++) await post(bogus, { to: warm });
    expect(app.google.calls.count("jwks")).toBe(1);
    app.google.control.rotateKeys();
    expect(locationOf(await warm.visitor().signIn())).toBe("/dashboard");
    expect(app.google.calls.count("jwks")).toBe(2);
    expect((await send(order, { to: warm })).status).toBe(202);
    expect(app.google.calls.count("jwks")).toBe(2);
  });

  it("SO-18 answers 503 while the database is away", async () => {
    const store = await openTestStore(app.clock);
    const broken = await startTestApp({ beside: app, store });
    await store.close();
    const answer = await send({ type: "sessions-revoked", subject: ADA }, { to: broken });
    expect(answer.status).toBe(503);
    expect(broken.log.lines).toContainEqual(
      expect.objectContaining({ level: "error", event: "security_event_unavailable" }),
    );
  });

  it("SO-18 takes a POST: everything else is 405", async () => {
    const visitor = app.visitor();
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      const answer = await visitor.request(PATH, { method });
      expect(answer.status, method).toBe(405);
      expect(answer.headers.get("Allow")).toBe("POST");
    }
  });

  it("HC-06 is the one address that the same-origin gate lets a foreign POST through to", async () => {
    const token = await app.google.control.sendSecurityEvent({ type: "verification" });
    for (const path of [
      `${PATH}.data`,
      `${PATH}?_data=routes%2Flogout`,
      `${PATH}?index`,
      `${PATH}/`,
      `${PATH}/more`,
      "/auth/google/event%73",
      "/auth/google//events",
    ]) {
      expect((await post(token, { path })).status, path).toBe(403);
    }
    expect((await post(token, { method: "PUT" })).status).toBe(403);
    const headers = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
    expect((await post(token, { headers })).status).toBe(202);
  });
});

describe("a security event", () => {
  it.each<[string, SecurityEventOrder]>([
    ["sessions-revoked", { type: "sessions-revoked" }],
    ["tokens-revoked", { type: "tokens-revoked" }],
    ["account-disabled by hijacking", { type: "account-disabled", reason: "hijacking" }],
  ])(
    "SO-20 %s makes every cookie of the person worthless, and nobody else’s",
    async (_what, order) => {
      const [here, there, other] = [await signedIn(), await signedIn(), await signedIn(GRACE)];
      const thieves = [thiefOf(here), thiefOf(there)];
      expect((await send({ ...order, subject: ADA })).status).toBe(202);

      const calls = app.google.calls.count();
      for (const one of [...thieves, here, there]) {
        expect(await one.session()).toEqual(ENDED);
        expect(one.jar.names()).toEqual([]);
      }
      expect(app.google.calls.count()).toBe(calls);
      expect(await other.session()).toMatchObject({ status: "authenticated" });
      const [user] = app.google.control.accounts();
      const key = { issuer: app.google.issuer, sub: user?.sub ?? "" };
      const tokens = await app.store.tokensOf({ ...key, startedAfter: 0, seenAfter: 0 });
      expect(tokens).toEqual({ kind: "none" });
    },
  );

  it("SO-20 reaches another process, which learns of it from the store", async () => {
    const visitor = await signedIn();
    const beside = await startTestApp({ beside: app });
    const thief = thiefOf(visitor, beside);
    await send({ type: "sessions-revoked", subject: ADA });
    await app.clock.advance(3_590_000);
    expect(await thief.session()).toEqual(ENDED);
  });

  it.each([{}, { reason: "bulk-account" }])(
    "SO-20 account-disabled %j refuses sign-ins until account-enabled",
    async (more) => {
      const visitor = await signedIn();
      await app.clock.advance(5000);
      await send({ type: "account-disabled", subject: ADA, ...more });
      expect(await visitor.session()).toMatchObject({ status: "authenticated" });
      const refused = await app.visitor().signIn({ account: ADA });
      expect(locationOf(refused)).toMatch(/^\/login\?.*error=not_allowed/);

      await app.clock.advance(5000);
      await send({ type: "account-enabled", subject: ADA });
      await signedIn();
    },
  );

  it.each([true, false])(
    "SO-20 SO-22 token-revoked (by prefix: %s) forgets that token: its session ends with the access token, and consent is asked for again",
    async (byPrefix) => {
      const [visitor, other] = [await signedIn(), await signedIn(GRACE)];
      const [refreshToken = ""] = app.google.control.liveRefreshTokens(ADA);
      expect((await send({ type: "token-revoked", refreshToken, byPrefix })).status).toBe(202);
      expect(await visitor.session()).toMatchObject({ status: "authenticated" });

      await app.clock.advance(3_590_000);
      expect(await visitor.session()).toEqual({
        status: "unauthenticated",
        reason: "grant_revoked",
      });
      expect(await other.session()).toMatchObject({ status: "authenticated" });
      await visitor.signIn({ account: ADA });
      expect(visitor.pages).toContain("consent");
    },
  );

  it("SO-22 token-revoked for a token that nobody holds changes nothing", async () => {
    const visitor = await signedIn();
    await send({ type: "token-revoked", refreshToken: "1//of-nobody-that-is-known-here" });
    await app.clock.advance(3_590_000);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SO-20 account-credential-change-required asks for a confirmation, and ends nothing", async () => {
    const visitor = await signedIn();
    const disconnect = async () =>
      locationOf(await visitor.post("/account", { intent: "disconnect-google" }));
    await app.clock.advance(2000);
    await send({ type: "account-credential-change-required", subject: ADA });
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
    expect(await disconnect()).toBe("/account?confirm=disconnect-google");
    await app.clock.advance(1000);
    await visitor.signIn({ account: ADA });
    await app.clock.advance(1000);
    await send({ type: "account-credential-change-required", subject: ADA, jti: "once more" });
    expect(await disconnect()).toBe("/account?confirm=disconnect-google");
    await app.clock.advance(1000);
    await visitor.signIn({ account: ADA });
    expect(await disconnect()).toBe("/login?reason=disconnected");
  });

  it("SO-21 that comes late or again spares whoever has signed in after it", async () => {
    const before = await signedIn();
    const order: SecurityEventOrder = {
      type: "sessions-revoked",
      subject: ADA,
      jti: "late",
      at: app.clock.now(),
    };
    await app.clock.advance(1000);
    const after = await signedIn();
    await send(order);
    expect(await before.session()).toEqual(ENDED);
    await send(order);
    await send({ ...order, jti: "late, under another name" });
    expect(await after.session()).toMatchObject({ status: "authenticated" });
  });

  it("SO-21 that comes again doesn’t block an account that was enabled since", async () => {
    await signedIn();
    await app.clock.advance(5000);
    const disabled: SecurityEventOrder = { type: "account-disabled", subject: ADA, jti: "again" };
    await send({ ...disabled, at: app.clock.now() });
    await send({ type: "account-enabled", subject: ADA });
    await send({ ...disabled, at: app.clock.now() });
    await signedIn();
  });

  it("SO-20 about somebody who was never here is accepted", async () => {
    expect(
      (await send({ type: "account-disabled", subject: "199999999999999999999" })).status,
    ).toBe(202);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { RelyingParty } from "../unit/local-google/relying-party";

const ADA = "ada.lovelace@gmail.com";
const GRACE = "grace.hopper@gmail.com";

let app: TestApp;
let client: RelyingParty;
beforeAll(async () => {
  app = await startTestApp();
  app.google.addRedirectUri("http://localhost:3000/auth/google/callback");
  client = new RelyingParty(app.google);
});
afterAll(() => app.stop());
beforeEach(async () => {
  app.google.control.reset();
  app.log.lines.length = 0;
  await app.clock.advance(1000);
});

/** What another client with our client id has of Ada, who has signed in here before. */
async function accessToken(account = ADA) {
  await app.visitor().signIn({ account: ADA });
  const { access_token } = await client.signIn({ choice: { account } });
  app.google.calls.clear();
  return access_token;
}

const me = (token: string | null, init: RequestInit = {}) =>
  app.visitor().request("/api/me", {
    ...init,
    headers: { ...(token !== null && { Authorization: `Bearer ${token}` }), ...init.headers },
  });
const refusal = async (answer: Response) => [
  answer.status,
  answer.headers.get("WWW-Authenticate"),
  await answer.json(),
];
const INVALID = [401, 'Bearer error="invalid_token"', { error: "invalid_token" }];

describe("GET /api/me", () => {
  it("tells another client who its access token belongs to, and nothing more", async () => {
    const answer = await me(await accessToken());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      id: expect.stringMatching(/^\d{21}$/),
      name: "Ada Lovelace",
      email: ADA,
    });
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(JSON.stringify(app.google.calls.list("tokeninfo"))).toContain('"method":"POST"');
  });

  it("asks Google once for a token, for a while and at most its life", async () => {
    const token = await accessToken();
    await Promise.all([me(token), me(token), me(token)]);
    await me(token);
    expect(app.google.calls.count("tokeninfo")).toBe(1);
    await app.clock.advance(300_000);
    await me(token);
    expect(app.google.calls.count("tokeninfo")).toBe(2);
    await app.clock.advance(3_600_000 - 301_000);
    expect((await me(token)).status).toBe(200);
    await app.clock.advance(2000);
    expect(await refusal(await me(token))).toEqual(INVALID);
  });

  it("refuses, in RFC 6750's words, whoever brings no token", async () => {
    const without = [401, "Bearer", { error: "unauthenticated" }];
    expect(await refusal(await me(null))).toEqual(without);
    const basic = await me(null, { headers: { Authorization: "Basic YTpi" } });
    expect(await refusal(basic)).toEqual(without);
    expect(app.google.calls.count("tokeninfo")).toBe(0);
  });

  it.each(["made-up", "", "two words", "ya29.a, Bearer b", "x".repeat(5000)])(
    "refuses %j as a token",
    async (token) => {
      expect(await refusal(await me(token))).toEqual(INVALID);
    },
  );

  it("refuses a token that was issued to another app", async () => {
    const token = await accessToken();
    const other = {
      azp: "other.apps.googleusercontent.com",
      aud: "other.apps.googleusercontent.com",
    };
    app.google.faults.set("tokeninfo", { kind: "merge", merge: other });
    expect(await refusal(await me(token))).toEqual(INVALID);
  });

  it("refuses somebody who never signed in here", async () => {
    expect(await refusal(await me(await accessToken(GRACE)))).toEqual(INVALID);
  });

  it("DA-12 refuses somebody who was disabled at once, although the token is known", async () => {
    const token = await accessToken();
    const visitor = app.visitor();
    await visitor.signIn({ account: ADA });
    const { id: sub } = (await (await me(token)).json()) as { id: string };
    const person = { issuer: app.google.issuer, sub };
    await app.store.setUserDisabled({ ...person, disabled: true, reason: "ended_elsewhere" });
    expect(await refusal(await me(token))).toEqual(INVALID);
    await app.store.setUserDisabled({ ...person, disabled: false, reason: "" });
    expect((await me(token)).status).toBe(200);
  });

  it("DA-13 doesn’t take a session’s cookie, and makes or moves no session by a token", async () => {
    const visitor = app.visitor();
    await visitor.signIn({ account: ADA });
    const before = await visitor.session();
    const cookie = visitor.jar.header() ?? "";
    await app.clock.advance(3_600_000);
    const answer = await me(null, { headers: { Cookie: cookie } });
    expect(await refusal(answer)).toEqual([401, "Bearer", { error: "unauthenticated" }]);
    const token = await accessToken();
    const both = await me(token, { headers: { Cookie: cookie } });
    expect([both.status, both.headers.getSetCookie()]).toEqual([200, []]);
    for (const path of ["/dashboard", "/account"]) {
      const page = await app.visitor().get(path, { Authorization: `Bearer ${token}` });
      expect(page.headers.get("Location")).toContain("/login");
    }
    const { id } = (await both.json()) as { id: string };
    expect(before).toMatchObject({ user: { id } });
  });

  it("asks the caller to come back while Google can’t be asked, and forgets that at once", async () => {
    const token = await accessToken();
    app.google.faults.set("tokeninfo", { kind: "status", status: 503 });
    const answer = await me(token);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "5"]);
    app.google.faults.clear();
    expect((await me(token)).status).toBe(200);
  });

  it("asks Google about no more than sixty bad tokens a minute for one client address", async () => {
    const token = await accessToken();
    expect((await me(token)).status).toBe(200);
    app.google.calls.clear();
    const bad = await Promise.all(Array.from({ length: 70 }, (_, index) => me(`bad-${index}`)));
    expect(bad.filter(({ status }) => status === 401)).toHaveLength(60);
    expect(app.google.calls.count("tokeninfo")).toBe(60);
    const refused = bad.find(({ status }) => status === 429);
    expect(refused?.headers.get("Retry-After")).toBe("1");
    expect(await refused?.json()).toEqual({ error: "rate_limited" });
    // Whoever has a token that is known to be good is served all the while.
    expect((await me(token)).status).toBe(200);
    await app.clock.advance(1000);
    expect((await me("bad-one-more")).status).toBe(401);
    await app.clock.advance(60_000);
  });

  it("is only there to read: from elsewhere too, and posting is refused", async () => {
    const token = await accessToken();
    const elsewhere = await me(token, { headers: { "Sec-Fetch-Site": "cross-site" } });
    expect(elsewhere.status).toBe(200);
    const posted = await me(token, { method: "POST" });
    expect([posted.status, posted.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
    const forged = await me(token, { method: "POST", headers: { "Sec-Fetch-Site": "cross-site" } });
    expect(forged.status).toBe(403);
  });

  it("TR-19 writes no token into the log", async () => {
    const token = await accessToken();
    await me(token);
    await me(`${token}x`);
    expect(JSON.stringify(app.log.lines)).not.toContain("ya29");
  });
});

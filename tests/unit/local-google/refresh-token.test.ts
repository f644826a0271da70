import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { GoogleVisitor } from "../../local-google/google-visitor";
import { type LocalGoogle, startLocalGoogle } from "../../local-google/local-google";
import { CALENDAR, REDIRECT_URI, RelyingParty } from "./relying-party";

const READ_ONLY = "https://www.googleapis.com/auth/calendar.readonly";
const ADA = "104815162342001000001";
let google: LocalGoogle;
let app: RelyingParty;

beforeAll(async () => {
  google = await startLocalGoogle({ redirectUris: [REDIRECT_URI] });
  app = new RelyingParty(google);
});
afterEach(() => {
  const errors = google.control.errors();
  google.control.reset();
  expect(errors).toEqual([]);
});
afterAll(() => google.stop());

describe("a refresh token", () => {
  it("comes with the first consent, and later only with prompt=consent", async () => {
    const visitor = new GoogleVisitor();
    const first = await app.signIn({ visitor });
    const second = await app.signIn({ visitor });
    const otherBrowser = await app.signIn();
    const asked = await app.signIn({ visitor, params: { prompt: "consent" } });
    expect([first, second, otherBrowser, asked].map((t) => t.refresh_token !== undefined)).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it("comes only with access_type=offline", async () => {
    const online = await app.signIn({ params: { access_type: "online" } });
    expect(online.refresh_token).toBeUndefined();
  });

  it("is kept by a refresh, which answers with an ID token without nonce", async () => {
    const { refresh_token } = await app.signIn();
    for (let round = 0; round < 2; round += 1) {
      const answer = await app.refreshed(refresh_token);
      expect(answer.access_token).toMatch(/^ya29\.canary-at-/);
      expect(answer.refresh_token).toBeUndefined();
      expect(decodeJwt(answer.id_token)).toMatchObject({ sub: ADA, aud: google.clientId });
      expect(decodeJwt(answer.id_token).nonce).toBeUndefined();
    }
    google.control.sendIdTokenOnRefresh(false);
    expect((await app.refreshed(refresh_token)).id_token).toBeUndefined();
  });

  it("is good for one use when rotation is on", async () => {
    google.control.rotateRefreshTokens(true);
    const { refresh_token } = await app.signIn();
    const next = await app.refreshed(refresh_token);
    expect(next.refresh_token).toMatch(/^1\/\/canary-rt-/);
    expect(next.refresh_token).not.toBe(refresh_token);
    expect(await app.refreshed(refresh_token)).toMatchObject({ error: "invalid_grant" });
    expect((await app.refreshed(next.refresh_token)).refresh_token).toBeDefined();
  });

  it("dies silently as the oldest beyond the limit of an account", async () => {
    google.control.setRefreshTokenLimit(2);
    const visitor = new GoogleVisitor();
    const tokens = [];
    for (let device = 0; device < 3; device += 1) {
      tokens.push(await app.signIn({ visitor, params: { prompt: "consent" } }));
    }
    const statuses = await Promise.all(
      tokens.map(async ({ refresh_token }) => (await app.refresh(refresh_token)).status),
    );
    expect(statuses).toEqual([400, 200, 200]);
    expect(google.control.liveRefreshTokens(ADA)).toHaveLength(2);
  });

  it("can be withheld altogether", async () => {
    google.control.withholdRefreshTokens(true);
    const tokens = await app.signIn({ params: { prompt: "consent" } });
    expect(tokens.refresh_token).toBeUndefined();
  });
});

describe("consent", () => {
  const scope = `openid email profile ${CALENDAR} ${READ_ONLY}`;

  it("is granular: a token covers what was left ticked", async () => {
    const tokens = await app.signIn({ params: { scope }, choice: { scopes: [CALENDAR] } });
    expect(tokens.scope).toContain(CALENDAR);
    expect(tokens.scope).not.toContain(READ_ONLY);
    expect((await app.refreshed(tokens.refresh_token)).scope).toBe(tokens.scope);
  });

  it("is asked again for a scope that was declined, and for that only", async () => {
    const visitor = new GoogleVisitor();
    await app.signIn({ visitor, params: { scope }, choice: { scopes: [] } });
    expect((await app.walk({ visitor })).pages).toEqual([]);
    expect((await app.walk({ visitor, params: { scope } })).pages).toEqual(["consent"]);
  });

  it("of earlier sign-ins is merged with include_granted_scopes", async () => {
    const visitor = new GoogleVisitor();
    await app.signIn({ visitor, params: { scope: `openid email ${READ_ONLY}` } });
    const params = { scope: `openid email ${CALENDAR}` };
    const merged = await app.signIn({
      visitor,
      params: { ...params, include_granted_scopes: "true" },
    });
    const alone = await app.signIn({ visitor, params });
    expect(merged.scope).toContain(READ_ONLY);
    expect(merged.scope).toContain(CALENDAR);
    expect(alone.scope).not.toContain(READ_ONLY);
  });

  it("that shrinks at Google shrinks the scope of the next refresh", async () => {
    const { refresh_token } = await app.signIn({ params: { scope } });
    google.control.setGrantedScopes(ADA, ["openid", "email", "profile"]);
    expect((await app.refreshed(refresh_token)).scope).not.toContain("calendar");
  });
});

describe("revocation", () => {
  it("by any token kills all tokens of the person, and the consent", async () => {
    const visitor = new GoogleVisitor();
    const first = await app.signIn({ visitor });
    const second = await app.signIn({ visitor, params: { prompt: "consent" } });
    const bystander = await app.signIn({ choice: { account: "grace.hopper@gmail.com" } });

    const answer = await app.post("/revoke", { token: second.refresh_token ?? "" });
    expect(answer.status).toBe(200);
    expect((await app.userinfo(first.access_token)).status).toBe(401);
    const refused = await app.refresh(first.refresh_token);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      error: "invalid_grant",
      error_description: "Token has been expired or revoked.",
    });
    expect((await app.refresh(bystander.refresh_token)).status).toBe(200);
    // Only a consent page brings a new one.
    expect((await app.signIn({ visitor })).refresh_token).toBeDefined();
  });

  it("of an unknown token is 400 invalid_token", async () => {
    const { access_token } = await app.signIn();
    expect((await app.post("/revoke", { token: access_token })).status).toBe(200);
    for (const token of [access_token, "unknown"]) {
      const answer = await app.post("/revoke", { token });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: "invalid_token" });
    }
  });

  it("from the account’s side does the same", async () => {
    const { refresh_token } = await app.signIn();
    google.control.revokeGrant(ADA);
    expect(await app.refreshed(refresh_token)).toMatchObject({ error: "invalid_grant" });
  });
});

describe("an access token", () => {
  it("opens userinfo, and a bad one does not", async () => {
    const { access_token } = await app.signIn();
    expect(await (await app.userinfo(access_token)).json()).toMatchObject({ sub: ADA });
    const refused = await app.userinfo("ya29.nothing");
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain("invalid_token");
  });

  it("is described by tokeninfo, and a bad one is not", async () => {
    const { access_token } = await app.signIn();
    const query = `?access_token=${encodeURIComponent(access_token)}`;
    expect(await (await app.get(`/tokeninfo${query}`)).json()).toMatchObject({
      aud: google.clientId,
      azp: google.clientId,
      sub: ADA,
      scope: expect.stringContaining("userinfo.email"),
      exp: expect.stringMatching(/^\d+$/),
      expires_in: expect.stringMatching(/^3[56]\d\d$/),
      email: "ada.lovelace@gmail.com",
      email_verified: "true",
    });
    const refused = await app.get("/tokeninfo?access_token=unknown");
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: "invalid_token" });
  });
});

import { createHash } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { GoogleVisitor } from "../../local-google/google-visitor";
import { type LocalGoogle, startLocalGoogle } from "../../local-google/local-google";
import { CALENDAR, REDIRECT_URI, RelyingParty } from "./relying-party";

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

it("walks a new person through the chooser and the consent page back to the app", async () => {
  const { callbackUrl, pages } = await app.walk();
  const url = new URL(callbackUrl);

  expect(pages).toEqual(["chooser", "consent"]);
  expect(url.origin + url.pathname).toBe(REDIRECT_URI);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    code: expect.stringMatching(/^4\/canary-code-/),
    state: "the-state",
    iss: google.issuer,
    scope: expect.stringContaining("https://www.googleapis.com/auth/userinfo.email"),
    authuser: "0",
    prompt: "consent",
  });
});

it("answers the code with tokens whose ID token verifies against the JWKS", async () => {
  const tokens = await app.signIn({ choice: { account: "alan.turing@example.org" } });

  expect(tokens.access_token).toMatch(/^ya29\.canary-at-/);
  expect(tokens.access_token).toHaveLength(220);
  expect(tokens.refresh_token).toMatch(/^1\/\/canary-rt-/);
  expect(tokens.refresh_token).toHaveLength(103);
  expect(tokens).toMatchObject({ expires_in: 3600, token_type: "Bearer" });
  expect(tokens.scope).toBe(
    "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile",
  );
  const jwks = createRemoteJWKSet(new URL(`${google.issuer}/oauth2/v3/certs`));
  const { payload, protectedHeader } = await jwtVerify(tokens.id_token, jwks, {
    issuer: google.issuer,
    audience: google.clientId,
  });
  const hash = createHash("sha256").update(tokens.access_token).digest().subarray(0, 16);
  expect(protectedHeader).toMatchObject({ alg: "RS256", kid: expect.any(String) });
  expect(payload).toEqual({
    iss: google.issuer,
    aud: google.clientId,
    azp: google.clientId,
    sub: "104815162342001000003",
    email: "alan.turing@example.org",
    email_verified: true,
    hd: "example.org",
    name: "Alan Turing",
    given_name: "Alan",
    family_name: "Turing",
    picture: expect.stringMatching(/^http/),
    nonce: "the-nonce",
    at_hash: hash.toString("base64url"),
    iat: expect.any(Number),
    exp: (payload.iat ?? 0) + 3600,
  });
});

it("tells the app of a Workspace account by hd in the callback", async () => {
  const callback = await app.callback({ choice: { account: "alan.turing@example.org" } });
  expect(callback.get("hd")).toBe("example.org");
});

it("refuses a code with a wrong, or without its, code verifier", async () => {
  for (const code_verifier of ["x".repeat(43), ""]) {
    const code = (await app.callback()).get("code") ?? "";
    const answer = await app.exchange(code, { code_verifier });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: "invalid_grant" });
  }
});

it("refuses a code that was used, and leaves the tokens it gave alive", async () => {
  const code = (await app.callback()).get("code") ?? "";
  const tokens = (await (await app.exchange(code)).json()) as { access_token: string };
  expect((await app.exchange(code)).status).toBe(400);
  expect((await app.userinfo(tokens.access_token)).status).toBe(200);
});

it("takes the client’s secret by POST or Basic, and no other", async () => {
  const { clientId, clientSecret } = google;
  const form = async () => ({
    grant_type: "authorization_code",
    code: (await app.callback()).get("code") ?? "",
    redirect_uri: REDIRECT_URI,
    code_verifier: app.verifier,
  });
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  expect((await app.post("/token", await form(), { authorization: basic })).status).toBe(200);
  expect((await app.token(await form())).status).toBe(200);
  const wrong = await app.token({ ...(await form()), client_secret: "GOCSPX-wrong" });
  expect(wrong.status).toBe(401);
  expect(await wrong.json()).toMatchObject({ error: "invalid_client" });
  expect(google.calls.list("token").map(({ clientAuth }) => clientAuth)).toEqual([
    "basic",
    "post",
    "post",
  ]);
});

it("shows a page of its own for an unknown redirect_uri, client or scope", async () => {
  const refusal = (params: Record<string, string>) => app.walk({ params });
  await expect(refusal({ redirect_uri: `${REDIRECT_URI}/` })).rejects.toThrow(
    "redirect_uri_mismatch",
  );
  await expect(refusal({ client_id: "unknown" })).rejects.toThrow("invalid_client");
  await expect(refusal({ scope: "openid offline_access" })).rejects.toThrow("invalid_scope");
  google.addRedirectUri(`${REDIRECT_URI}/`);
  await expect(refusal({ redirect_uri: `${REDIRECT_URI}/` })).resolves.toBeDefined();
});

it("answers access_denied when the person cancels on either page", async () => {
  const onChooser = await app.walk({ choice: { decision: "cancel" } });
  const onConsent = await app.walk({
    choice: { decision: "cancel", account: "grace.hopper@gmail.com" },
  });
  expect([onChooser.pages, onConsent.pages]).toEqual([["chooser"], ["chooser", "consent"]]);
  for (const { callbackUrl } of [onChooser, onConsent]) {
    expect(Object.fromEntries(new URL(callbackUrl).searchParams)).toMatchObject({
      error: "access_denied",
      state: "the-state",
      iss: google.issuer,
    });
  }
});

it("remembers who is signed in and what they allowed", async () => {
  const visitor = new GoogleVisitor();
  await app.signIn({ visitor });
  const again = await app.walk({ visitor });
  expect(again.pages).toEqual([]);
  expect(new URL(again.callbackUrl).searchParams.get("prompt")).toBe("none");
  expect((await app.walk({ visitor, params: { prompt: "select_account" } })).pages).toEqual([
    "chooser",
  ]);
  expect((await app.walk({ visitor, params: { prompt: "consent" } })).pages).toEqual(["consent"]);
  expect((await app.walk({ params: { prompt: "select_account consent" } })).pages).toEqual([
    "chooser",
    "consent",
  ]);
});

it("goes straight to the account of a login_hint, by email or sub, signed in or not", async () => {
  const visitor = new GoogleVisitor();
  const hint = (login_hint: string) => app.walk({ visitor, params: { login_hint } });
  expect((await hint("grace.hopper@gmail.com")).pages).toEqual(["consent"]);
  expect((await hint("104815162342001000001")).pages).toEqual(["consent"]);
  expect((await hint("grace.hopper@gmail.com")).pages).toEqual([]);
  expect((await hint("nobody@example.com")).pages).toEqual([]);
});

it("changes the account of a browser without a sign-out page in between", async () => {
  const visitor = new GoogleVisitor();
  await app.signIn({ visitor, choice: { account: "ada.lovelace@gmail.com" } });
  const params = { prompt: "select_account" };
  const tokens = await app.signIn({
    visitor,
    params,
    choice: { account: "grace.hopper@gmail.com" },
  });
  expect(await (await app.userinfo(tokens.access_token)).json()).toMatchObject({
    sub: "104815162342001000002",
  });
});

it("shows no page for prompt=none, and says which one would be needed", async () => {
  const visitor = new GoogleVisitor();
  const silent = async (params: Record<string, string> = {}) =>
    (await app.callback({ visitor, params: { prompt: "none", ...params } })).get("error");
  expect(await silent()).toBe("login_required");
  await app.signIn({ visitor });
  expect(await silent()).toBeNull();
  expect(await silent({ scope: `openid ${CALENDAR}` })).toBe("consent_required");
  expect(await silent({ login_hint: "grace.hopper@gmail.com" })).toBe("interaction_required");
});

it("knows people that a test adds or changes", async () => {
  google.control.addAccount({ email: "new@example.com", sub: "1".repeat(21) });
  google.control.changeAccount("new@example.com", { email: "newer@example.com", name: "Newer" });
  const tokens = await app.signIn({ choice: { account: "newer@example.com" } });
  expect(await (await app.userinfo(tokens.access_token)).json()).toMatchObject({
    sub: "1".repeat(21),
    email: "newer@example.com",
    name: "Newer",
  });
});

it("gives tokens of the documented maximum size", async () => {
  google.control.setTokenSizes("documented-maximum");
  const code = (await app.callback()).get("code") ?? "";
  const tokens = await (await app.exchange(code)).json();
  expect(code).toHaveLength(256);
  expect(tokens.access_token).toHaveLength(2048);
  expect(tokens.refresh_token).toHaveLength(512);
  expect((await app.userinfo(tokens.access_token)).status).toBe(200);
});

it("FD-1 uses cookies that can’t collide with the app’s or another local Google’s, and pages without scripts", async () => {
  const start = await fetch(app.authorizationUrl(), { redirect: "manual" });
  const cookies = start.headers.getSetCookie();
  expect(cookies.length).toBeGreaterThan(0);
  const { port } = new URL(google.issuer);
  for (const cookie of cookies) expect(cookie).toMatch(new RegExp(`^localgoogle_${port}_`));
  const page = await app.get(start.headers.get("location") ?? "", {
    cookie: cookies.map((cookie) => cookie.split(";")[0]).join("; "),
  });
  expect(page.headers.get("content-security-policy")).not.toContain("form-action");
  const html = await page.text();
  expect(html).toContain("Local Google — for development; not Google");
  expect(html).not.toContain("<script");
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";
import { RelyingParty } from "../unit/local-google/relying-party";

const NON_MEMBER = "ada.lovelace@gmail.com";
const MEMBER = "alan.turing@example.org";
const HOUR = 3_600_000;
const REASON = { status: "unauthenticated", reason: "not_allowed" };

let app: TestApp;
/** The same deployment, started anew with the rule. */
let tightened: TestApp;
let client: RelyingParty;
beforeAll(async () => {
  app = await startTestApp();
  app.google.addRedirectUri("http://localhost:3000/auth/google/callback");
  client = new RelyingParty(app.google);
  tightened = await startTestApp({
    beside: app,
    settings: { allowedHostedDomains: ["example.org"] },
  });
});
afterAll(async () => {
  await tightened.stop();
  await app.stop();
});
beforeEach(async () => {
  app.google.control.reset();
  await app.store.endAllSessions({ reason: "signed_out" });
  await app.clock.advance(1000);
});

/** Signed in before the rule was set, and asking the process that has it. */
async function signedIn(account: string): Promise<Visitor> {
  const visitor = app.visitor();
  await visitor.signIn({ account });
  return tightened.visitor(visitor.jar);
}

const me = (token: string) =>
  tightened.visitor().get("/api/me", { Authorization: `Bearer ${token}` });

describe("ALLOWED_HOSTED_DOMAINS, set while people are signed in", () => {
  it("FE-15 ends the sessions of others at their next refresh, and says why", async () => {
    const [member, other] = [await signedIn(MEMBER), await signedIn(NON_MEMBER)];
    const copy = app.visitor(other.jar.copy());
    expect((await other.get("/dashboard")).status).toBe(200);
    await app.clock.advance(HOUR - 300_000);
    app.google.calls.clear();

    const answer = await other.get("/dashboard");
    expect(locationOf(answer)).toBe("/login?returnTo=%2Fdashboard&reason=not_allowed");
    expect(await (await other.get(locationOf(answer))).text()).toContain(
      "This account can’t be used here any more",
    );
    // Nobody was asked for tokens that nobody may use.
    expect(app.google.calls.count("token")).toBe(0);
    // It has ended in all processes, also where the rule isn’t known yet.
    expect(await copy.session()).toEqual(REASON);

    expect((await member.get("/dashboard")).status).toBe(200);
    expect(app.google.calls.count("token")).toBe(1);
    await app.clock.advance(HOUR);
    expect(await member.session()).toMatchObject({ user: { email: MEMBER } });
  });

  it("FE-15 tells /api/session the reason", async () => {
    const other = await signedIn(NON_MEMBER);
    await app.clock.advance(HOUR);
    expect(await other.session()).toEqual(REASON);
  });

  it("FE-15 goes by the domain that Google names at a refresh, where it has changed", async () => {
    const member = await signedIn(MEMBER);
    app.google.control.changeAccount(MEMBER, { hd: "example.net" });
    await app.clock.advance(HOUR);
    expect(await member.session()).toEqual(REASON);
  });

  it("FE-15 refuses others' bearer tokens at once, also such as were taken before", async () => {
    const tokens: Record<string, string> = {};
    for (const account of [MEMBER, NON_MEMBER]) {
      await signedIn(account);
      tokens[account] = (await client.signIn({ choice: { account } })).access_token;
      const answer = await app
        .visitor()
        .get("/api/me", { Authorization: `Bearer ${tokens[account]}` });
      expect(answer.status).toBe(200);
    }
    const refused = await me(tokens[NON_MEMBER] ?? "");
    expect([refused.status, refused.headers.get("WWW-Authenticate")]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
    const allowed = await me(tokens[MEMBER] ?? "");
    expect(await allowed.json()).toMatchObject({ email: MEMBER });
  });
});

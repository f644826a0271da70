import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOG_FIELDS } from "../../app/config/log-fields";
import { startTestApp, type TestApp } from "../support/test-app";
import { createTestLog, type LogLine } from "../support/test-log";
import { locationOf, type Visitor } from "../support/visitor";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({
    settings: { signInRatePerMinute: 20, trustedProxyHops: 1, logLevel: "debug" },
  });
});
afterAll(() => app.stop());

const MINUTE = 60_000;
const DAY = 86_400_000;
const NAME = expect.stringMatching(/^[\w-]{22}$/);

/** The lines of an event that `work` leads to, and it leads to some. */
async function linesOf(event: string, work: () => Promise<unknown>): Promise<LogLine[]> {
  app.log.lines.length = 0;
  await work();
  const lines = app.log.lines.filter((line) => line.event === event);
  expect(lines, event).not.toEqual([]);
  return lines;
}

async function signedIn(): Promise<Visitor> {
  const visitor = app.visitor();
  expect(locationOf(await visitor.signIn())).toBe("/dashboard");
  return visitor;
}

describe("a log that fails", () => {
  it("LG-07 stops nobody from signing in, being refreshed and signing out", async () => {
    const complaints: string[] = [];
    const full = () => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    };
    const lastResort = (message: string) => void complaints.push(message);
    const log = createTestLog({ destination: { write: full }, observe: full, lastResort });
    const mute = await startTestApp({ beside: app, log });
    const visitor = mute.visitor();
    const account = "grace.hopper@gmail.com";
    expect(locationOf(await visitor.signIn({ account }))).toBe("/dashboard");
    await app.clock.advance(60 * MINUTE);
    expect((await visitor.get("/dashboard")).status).toBe(200);
    expect(locationOf(await visitor.post("/logout"))).toContain("/login");
    expect(complaints).toEqual([expect.stringContaining("ENOSPC")]);
  });
});

describe("the log of a visit", () => {
  it("LG-01 LG-02 tells of a sign-in, with the same names for the person and the session on every line after it", async () => {
    const visitor = app.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    const from = { "X-Forwarded-For": "198.51.100.9, 203.0.113.7", "User-Agent": "Firefox\u001b" };
    const [line] = await linesOf("authn_login_success", () => visitor.get(callback, from));
    const known = {
      requestId: NAME,
      route: "/auth/google/callback",
      method: "GET",
      sourceIp: "203.0.113.7",
      user: NAME,
      session: NAME,
    };
    expect(line).toEqual({ level: "info", event: "authn_login_success", fields: known });
    for (const event of ["authn_token_created", "session_created", "http_request"]) {
      const { requestId, user, session } = line?.fields ?? {};
      expect(app.log.lines).toContainEqual(
        expect.objectContaining({
          event,
          fields: expect.objectContaining({ requestId, user, session }),
        }),
      );
    }
    expect(app.log.lines.at(-1)?.fields).toMatchObject({
      status: 302,
      userAgent: "Firefox\\u{1b}",
      durationMs: 0,
      cookieBytes: expect.any(Number),
      setCookieBytes: expect.any(Number),
    });
    const [page] = await linesOf("http_request", () => visitor.get("/dashboard?tab=secret"));
    expect(page?.fields).toMatchObject({
      route: "/dashboard",
      user: line?.fields.user,
      session: line?.fields.session,
    });

    const [replayed] = await linesOf("authn_login_fail", () => visitor.get(callback));
    expect(replayed).toMatchObject({
      level: "warn",
      fields: { error: "expired", cause: "transaction_replayed" },
    });
    expect(app.log.lines).toContainEqual(expect.objectContaining({ event: "authn_token_reuse" }));
  });

  it("LG-04 holds no query, no name, no address and no id as Google or the store has it", async () => {
    const visitor = app.visitor();
    app.log.lines.length = 0;
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    await visitor.get(callback);
    await visitor.get("/dashboard?returnTo=canary-in-a-query");
    await visitor.get("/no/such/page?canary-in-a-query");
    const { user } = (await visitor.session()) as { user: Record<string, string> };
    const text = JSON.stringify(app.log.lines);
    expect(text).not.toMatch(/[?&](code|state|returnTo)=|canary|gmail|lovelace/i);
    for (const value of Object.values(user)) expect(text).not.toContain(value);
    expect(text).toContain('"path":"/no/such/page"');
  });

  it("LG-01 tells of renewals: of the tokens, and of the session by its use", async () => {
    const visitor = await signedIn();
    await app.clock.advance(10 * MINUTE);
    await linesOf("session_renewed", () => visitor.get("/dashboard"));
    await app.clock.advance(60 * MINUTE);
    const [created] = await linesOf("authn_token_created", () => visitor.get("/dashboard"));
    expect(created?.fields).toMatchObject({
      outcome: "refreshed",
      generation: 1,
      requestId: NAME,
      session: NAME,
    });
  });

  it("LG-01 tells how a session ended, and of a cookie that is used after it", async () => {
    const [leaver, disconnected] = [await signedIn(), await signedIn()];
    const copy = app.visitor(leaver.jar.copy());
    const [left] = await linesOf("session_logout", () => leaver.post("/logout"));
    expect(left?.fields).toMatchObject({ reason: "signed_out", session: NAME, route: "/logout" });
    const [late] = await linesOf("session_use_after_expire", () => copy.get("/dashboard"));
    expect(late).toMatchObject({ level: "warn", fields: { reason: "signed_out" } });
    expect(late?.fields.session).toBe(left?.fields.session);

    const disconnect = () => disconnected.post("/account", { intent: "disconnect-google" });
    await linesOf("authn_token_revoked", disconnect);
    expect(app.log.lines).toContainEqual(
      expect.objectContaining({
        event: "session_logout",
        fields: expect.objectContaining({ reason: "disconnected", sessions: expect.any(Number) }),
      }),
    );

    const sleeper = await signedIn();
    const cookie = sleeper.jar.header() ?? "";
    await app.clock.advance(31 * DAY);
    const [slept] = await linesOf("session_expired", () =>
      sleeper.get("/dashboard", { Cookie: cookie }),
    );
    expect(slept?.fields).toMatchObject({ reason: "idle", user: NAME });
  });

  it("LG-01 tells of the provider’s refusals by their codes, and whose refresh they stopped", async () => {
    const visitor = await signedIn();
    await app.clock.advance(60 * MINUTE);
    app.google.faults.set("token", { kind: "oauth-error", error: "invalid_client" }, { times: 1 });
    const [refused] = await linesOf("token_refresh_refused", () => visitor.get("/dashboard"));
    expect(refused).toMatchObject({
      level: "error",
      fields: { cause: "invalid_client", alarm: true, user: NAME, session: NAME },
    });
  });

  it.each<
    [event: string, cause: string | undefined, provoke: (visitor: Visitor) => Promise<unknown>]
  >([
    ["malicious_csrf", undefined, (v) => v.post("/logout", {}, { "Sec-Fetch-Site": "cross-site" })],
    ["input_validation_fail", "malformed_path", (v) => v.get("/%E0%A4%A")],
    ["input_validation_fail", "account_action", (v) => v.post("/account", { intent: "x" })],
    [
      "input_validation_fail",
      "duplicate_parameter",
      (v) => v.get("/auth/google/callback?state=a&state=b"),
    ],
    ["authz_fail", "no_token", (v) => v.get("/api/me")],
    ["authz_fail", "malformed", (v) => v.get("/api/me", { Authorization: "Bearer <x>" })],
    ["authz_fail", "cross_site", (v) => v.get("/api/session", { "Sec-Fetch-Site": "cross-site" })],
    ["crypt_decrypt_fail", "malformed", (v) => v.get("/", { Cookie: `${app.cookie}=x.y.z` })],
    [
      "excess_rate_limit_exceeded",
      undefined,
      async (v) => {
        for (let start = 0; start < 21; start++) {
          await v.post("/auth/google", {}, { "X-Forwarded-For": "203.0.113.99" });
        }
      },
    ],
  ])("LG-01 LG-02 tells of %s (%s), from where", async (event, cause, provoke) => {
    const visitor = await signedIn();
    const [line] = await linesOf(event, () => provoke(visitor));
    expect(line).toMatchObject({
      level: "warn",
      fields: { requestId: NAME, route: expect.stringMatching(/^[/*]/) },
    });
    if (cause) expect(line?.fields.cause).toBe(cause);
  });

  it("LG-01 tells whom the app doesn’t let in, and why", async () => {
    const visitor = await signedIn();
    const { user } = (await visitor.session()) as { user: { id: string } };
    const person = { issuer: app.google.issuer, sub: user.id, now: app.clock.now() };
    await app.store.setUserDisabled({ ...person, disabled: true, reason: "ended_elsewhere" });
    const [denied] = await linesOf("authz_fail", () => app.visitor().signIn());
    expect(denied?.fields).toMatchObject({ cause: "disabled_by_operator", user: NAME });
    await app.store.setUserDisabled({ ...person, disabled: false, reason: "ended_elsewhere" });
  });

  it("LG-02 has in each line of a request what is known of it, and nothing that isn’t listed", async () => {
    app.log.lines.length = 0;
    const visitor = await signedIn();
    await visitor.get("/dashboard.data");
    await visitor.get("/assets/nothing.js");
    await visitor.post("/logout");
    const lines = app.log.lines;
    expect(lines.length).toBeGreaterThan(8);
    for (const { event, fields } of lines) {
      expect(fields, event).toMatchObject({
        requestId: NAME,
        method: expect.stringMatching(/^(GET|POST)$/),
      });
      expect(fields, event).toMatchObject({
        sourceIp: "unknown",
        route: expect.stringMatching(/^[/*]/),
      });
      for (const name of Object.keys(fields)) expect(Object.keys(LOG_FIELDS)).toContain(name);
    }
    const routes = lines.filter(({ event }) => event === "http_request").map((l) => l.fields.route);
    expect(routes).toContain("/dashboard.data");
    expect(routes).toContain("/assets/*");
  });
});

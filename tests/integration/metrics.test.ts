import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ settings: { metricsToken: TOKEN } });
});
afterAll(() => app.stop());

const TOKEN = "metrics-token-of-sixteen-or-more";

async function scrape(): Promise<string> {
  const answer = await app.visitor().get("/metrics", { Authorization: `Bearer ${TOKEN}` });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  expect(answer.headers.getSetCookie()).toEqual([]);
  return answer.text();
}

/** The sum of a metric’s samples whose labels include these. */
async function total(name: string, labels: Record<string, string> = {}): Promise<number> {
  const lines = (await scrape()).split("\n").filter((line) => {
    const [sample = ""] = line.split(" ");
    const named = sample === name || sample.startsWith(`${name}{`);
    return (
      named && Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`))
    );
  });
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

describe("GET /metrics", () => {
  it("LG-08 is for whoever brings the token: 401 with a challenge for others", async () => {
    const visitor = app.visitor();
    for (const authorization of [
      null,
      "Bearer wrong",
      `Basic ${TOKEN}`,
      `Bearer ${TOKEN}x`,
      "Bearer",
    ]) {
      const headers: HeadersInit = authorization === null ? {} : { Authorization: authorization };
      const refused = await visitor.get("/metrics", headers);
      expect(refused.status, String(authorization)).toBe(401);
      expect(refused.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
      expect(await refused.text()).not.toContain("latchkey_");
    }
    expect(await total("latchkey_authz_failures_total", { cause: "metrics_token" })).toBe(5);
  });

  it("LG-08 isn’t there without a token in the settings", async () => {
    const without = await startTestApp({ beside: app });
    const answer = await without.visitor().get("/metrics", { Authorization: "Bearer " });
    expect(answer.status).toBe(404);
  });

  it("LG-08 counts sign-ins, refreshes, ends, cookies and revocations by what became of them", async () => {
    const visitor = app.visitor();
    expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    await visitor.get("/auth/google/callback?error=access_denied&state=x");
    await app.clock.advance(3_600_000);
    await visitor.get("/dashboard");
    await app.clock.advance(3_600_000);
    app.google.faults.set("token", { kind: "oauth-error", error: "invalid_client" }, { times: 1 });
    await visitor.get("/dashboard");
    await app.visitor().get("/", { Cookie: `${app.cookie}=nonsense` });
    await app.visitor().post("/logout", {}, { "Sec-Fetch-Site": "cross-site" });
    await app.visitor().get("/whatever/somebody/types");
    // What concerns all devices takes a fresh sign-in.
    await visitor.signIn();
    await visitor.post("/account", { intent: "disconnect-google" });

    expect(await total("latchkey_sign_ins_total", { outcome: "success" })).toBe(2);
    expect(await total("latchkey_sign_ins_total", { outcome: "invalid_response" })).toBe(1);
    expect(await total("latchkey_refreshes_total", { outcome: "renewed" })).toBe(1);
    expect(await total("latchkey_refreshes_total", { outcome: "misconfigured" })).toBe(1);
    expect(await total("latchkey_refresh_duration_seconds_count")).toBe(2);
    expect(await total("latchkey_provider_refusals_total", { error: "invalid_client" })).toBe(1);
    expect(await total("latchkey_alarms_total", { event: "token_refresh_refused" })).toBe(1);
    expect(await total("latchkey_unreadable_cookies_total", { cause: "malformed" })).toBe(1);
    expect(await total("latchkey_session_ends_total", { reason: "disconnected" })).toBe(1);
    expect(await total("latchkey_session_ends_total", { asked_for: "no" })).toBe(1);
    expect(await total("latchkey_revocations_total", { outcome: "revoked" })).toBe(1);
    expect(await total("latchkey_csrf_refusals_total")).toBe(1);
    expect(await total("latchkey_sessions_opened_total", { key_position: "1" })).toBeGreaterThan(2);
    expect(await total("latchkey_set_cookie_bytes_count")).toBeGreaterThan(2);
    expect(await total("latchkey_request_cookie_bytes_sum")).toBeGreaterThan(1000);
    expect(await total("latchkey_refreshes_in_flight")).toBe(0);
    expect(await total("latchkey_refresh_breaker_open")).toBe(0);
    expect(await total("latchkey_store_available")).toBe(1);
    expect(await total("latchkey_build_info", { version: "0.0.0-test" })).toBe(1);
  });

  it("LG-08 names routes, never paths, and holds nothing of anybody", async () => {
    await app.visitor().get("/whatever/somebody/types?canary");
    await app.visitor().request("/", { method: "PROPFIND" });
    const text = await scrape();
    expect(text).toMatch(
      /latchkey_http_request_duration_seconds_count\{route="\*",method="GET",status="4xx"\} \d/,
    );
    expect(text).toMatch(/route="\/dashboard"/);
    expect(text).not.toMatch(/somebody\/types|canary|PROPFIND|gmail|\/metrics/);
  });
});

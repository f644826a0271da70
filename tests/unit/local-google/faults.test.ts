import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../local-google/faults";
import { type LocalGoogle, startLocalGoogle } from "../../local-google/local-google";
import { REDIRECT_URI, RelyingParty } from "./relying-party";

let google: LocalGoogle;
let app: RelyingParty;
let refreshToken: string | undefined;

beforeAll(async () => {
  google = await startLocalGoogle({ redirectUris: [REDIRECT_URI] });
  app = new RelyingParty(google);
  refreshToken = (await app.signIn()).refresh_token;
});
afterEach(() => google.faults.clear());
afterAll(() => google.stop());

/** Refreshes, and gives up like an app would. */
function refresh(patience = 2000): Promise<Response> {
  const { clientId: client_id, clientSecret: client_secret } = google;
  const grant = { grant_type: "refresh_token", refresh_token: refreshToken ?? "" };
  return fetch(`${google.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({ ...grant, client_id, client_secret }),
    redirect: "manual",
    signal: AbortSignal.timeout(patience),
  });
}

async function read(response: Response): Promise<{ status: number; type: string; text: string }> {
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, text: await response.text() };
}

describe("a fault that answers", () => {
  const answers: [title: string, Fault, { status: number; type?: RegExp; text?: RegExp }][] = [
    ["an empty 500", { kind: "status", status: 500 }, { status: 500, text: /^$/ }],
    [
      "HTML with a 503",
      { kind: "status", status: 503, body: "<h1>x</h1>", contentType: "text/html" },
      { status: 503, type: /html/, text: /<h1>/ },
    ],
    [
      "JSON with a 401",
      { kind: "status", status: 401, body: { error: "invalid_client" } },
      { status: 401, type: /json/, text: /"invalid_client"/ },
    ],
    [
      "an OAuth error with its description and subtype",
      { kind: "oauth-error", error: "invalid_grant", description: "why", subtype: "invalid_rapt" },
      {
        status: 400,
        type: /json/,
        text: /^{"error":"invalid_grant","error_description":"why","error_subtype":"invalid_rapt"}$/,
      },
    ],
    [
      "an OAuth error with its own status",
      { kind: "oauth-error", error: "deleted_client", status: 401 },
      { status: 401 },
    ],
    [
      "an HTML page with a 200",
      { kind: "html" },
      { status: 200, type: /html/, text: /Rate Limit/ },
    ],
    ["nothing at all with a 200", { kind: "empty" }, { status: 200, type: /json/, text: /^$/ }],
    [
      "JSON that is cut off",
      { kind: "truncated" },
      { status: 200, type: /json/, text: /^{"access_token".*[^}]$/ },
    ],
    [
      "JSON with members put over it",
      { kind: "merge", merge: { expires_in: "3600", scope: null } },
      { status: 200, text: /"3600"/ },
    ],
    [
      "JSON changed by a function",
      { kind: "rewrite", change: ({ access_token: _gone, ...rest }) => rest },
      { status: 200, text: /^{"expires_in"/ },
    ],
    [
      "JSON edited in place",
      {
        kind: "rewrite",
        change: (body) => {
          body.token_type = "mac";
          return undefined;
        },
      },
      { status: 200, text: /"mac"/ },
    ],
  ];
  it.each(answers)("sends %s", async (_title, fault, expected) => {
    google.faults.set("token", fault, { times: 1 });
    const answer = await read(await refresh());
    expect(answer.status).toBe(expected.status);
    expect(answer.type).toMatch(expected.type ?? /json/);
    expect(answer.text).toMatch(expected.text ?? /./);
    expect(google.calls.list("token").at(-1)?.status).toBe(expected.status);
    expect((await refresh()).status).toBe(200);
  });

  it("sends the headers it is given", async () => {
    google.faults.set("token", { kind: "status", status: 429, headers: { "Retry-After": "7" } });
    expect((await refresh()).headers.get("retry-after")).toBe("7");
    const headers = { Location: "https://elsewhere.example/token" };
    google.faults.set("token", { kind: "status", status: 302, headers });
    const redirect = await refresh();
    expect([redirect.status, redirect.headers.get("location")]).toEqual([302, headers.Location]);
  });

  it("sends as many bytes as it is told", async () => {
    google.faults.set("token", { kind: "huge", bytes: 3_000_000 });
    const { text } = await read(await refresh());
    expect(text.length).toBeGreaterThanOrEqual(3_000_000);
    expect(JSON.parse(text)).toHaveProperty("padding");
  });
});

describe("a fault that does not answer", () => {
  it("resets the connection before or after the request is processed", async () => {
    google.control.rotateRefreshTokens(true);
    google.faults.set("token", { kind: "reset" }, { times: 1 });
    await expect(refresh()).rejects.toThrow();
    expect(google.calls.list("token").at(-1)?.status).toBeUndefined();
    google.faults.set("token", { kind: "reset-after" }, { times: 1 });
    await expect(refresh()).rejects.toThrow();
    // Processed: the one use of the token is spent.
    expect((await refresh()).status).toBe(400);
    google.control.rotateRefreshTokens(false);
    refreshToken = (await app.signIn({ params: { prompt: "consent" } })).refresh_token;
  });

  it("hangs until it is released, and is logged while it does", async () => {
    google.calls.clear();
    google.faults.set("token", { kind: "hang" });
    await expect(refresh(50)).rejects.toThrow();
    const hanging = refresh();
    await expect.poll(() => google.calls.count("token")).toBe(2);
    await expect.poll(() => google.faults.held).toBe(1);
    google.faults.release();
    await expect(hanging).rejects.toThrow();
  });

  it("holds the real answer until it is released", async () => {
    google.faults.set("token", { kind: "hold" }, { times: 1 });
    let answered = false;
    const held = refresh().finally(() => {
      answered = true;
    });
    await expect.poll(() => google.faults.held).toBe(1);
    expect((await refresh()).status).toBe(200);
    expect(answered).toBe(false);
    google.faults.release();
    expect((await held).status).toBe(200);
  });

  it("drips without end", async () => {
    google.faults.set("token", { kind: "drip", everyMs: 5 });
    const answer = await refresh(150);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    await expect.poll(() => google.faults.held).toBe(0);
  });
});

it.each(["userinfo", "jwks", "discovery", "revoke", "tokeninfo"] as const)(
  "may be set for %s",
  async (endpoint) => {
    const paths = {
      userinfo: "/v1/userinfo",
      jwks: "/oauth2/v3/certs",
      discovery: "/.well-known/openid-configuration",
      revoke: "/revoke",
      tokeninfo: "/tokeninfo",
    };
    google.faults.set(endpoint, { kind: "status", status: 503 }, { times: 2 });
    expect((await app.get(paths[endpoint])).status).toBe(503);
    expect((await app.post(paths[endpoint], {})).status).toBe(503);
    expect((await app.get(paths[endpoint])).status).not.toBe(503);
  },
);

it("edits the redirect back to the app", async () => {
  google.faults.set("authorize", {
    kind: "callback",
    change: ({ searchParams }) => {
      searchParams.delete("iss");
      searchParams.append("code", "another");
    },
  });
  const edited = await app.callback();
  expect(edited.has("iss")).toBe(false);
  expect(edited.getAll("code")).toHaveLength(2);

  google.faults.set("authorize", {
    kind: "callback-params",
    params: { code: null, error: "org_internal", state: ["a", "b"] },
  });
  const refused = await app.callback();
  expect(refused.has("code")).toBe(false);
  expect(refused.get("error")).toBe("org_internal");
  expect(refused.getAll("state")).toEqual(["a", "b"]);
});

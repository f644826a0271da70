import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(() => app.google.control.reset());

const paramsOf = (address: string) => new URL(address).searchParams;

describe("starting a sign-in", () => {
  it("SF-01 SF-02 SF-03 SF-04 DA-05 asks Google for a code with fresh state, nonce and PKCE S256, and for basic scopes only", async () => {
    const visitor = app.visitor();
    const first = paramsOf(await visitor.startSignIn());
    const second = paramsOf(await visitor.startSignIn());

    expect(Object.fromEntries(first)).toMatchObject({
      response_type: "code",
      client_id: app.google.clientId,
      redirect_uri: `${app.origin}/auth/google/callback`,
      scope: "openid email profile",
      access_type: "offline",
      code_challenge_method: "S256",
    });
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(first.get(name)).not.toBe(second.get(name));
    }
    expect(first.get("code_challenge")).toMatch(/^[\w-]{43}$/);
    // 11 characters of id, a dot, and 256 random bits.
    expect(first.get("state")).toMatch(/^[\w-]{11}\.[\w-]{43}$/);
    expect(first.has("prompt") && first.get("prompt")).not.toBe("consent");
  });

  it("SF-07 SF-08 starts nothing by GET, by prefetch or from another site", async () => {
    const visitor = app.visitor();
    for (const headers of [{ "Sec-Purpose": "prefetch;prerender" }, { Purpose: "prefetch" }]) {
      for (const prefetched of [
        await visitor.get("/auth/google", headers),
        await visitor.post("/auth/google", {}, headers),
      ]) {
        expect(locationOf(prefetched)).toBe("/login");
        expect(prefetched.headers.getSetCookie()).toEqual([]);
      }
    }
    const typed = await visitor.get("/auth/google");
    expect(locationOf(typed)).toBe("/login");
    expect(typed.headers.getSetCookie()).toEqual([]);

    const foreign = await visitor.post("/auth/google", {}, { "Sec-Fetch-Site": "cross-site" });
    expect(foreign.status).toBe(403);
    expect(foreign.headers.getSetCookie()).toEqual([]);
  });

  it("SF-14 takes the redirect URI from the settings, whatever the request’s headers say", async () => {
    const visitor = app.visitor();
    const response = await visitor.post(
      "/auth/google",
      {},
      { Host: "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http" },
    );
    const redirectUri = paramsOf(locationOf(response)).get("redirect_uri");
    expect(redirectUri).toBe(`${app.origin}/auth/google/callback`);
    await visitor.get(await visitor.answerAtGoogle(locationOf(response)));
    expect(app.google.calls.list("token")[0]?.params.redirect_uri).toBe(redirectUri);
  });

  it("SF-05 keeps the transaction in a sealed cookie of its own, for ten minutes", async () => {
    const visitor = app.visitor();
    const response = await visitor.post("/auth/google", { returnTo: "/account" });
    const [cookie = ""] = response.headers.getSetCookie();
    expect(cookie).toMatch(
      /^__Host-Http-latchkey-signin-[\w-]{11}=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const state = paramsOf(locationOf(response)).get("state") ?? "";
    const [, secret = ""] = state.split(".");
    expect(cookie).not.toContain(secret);
    expect(decodedParts(cookie)).not.toContain("/account");
  });

  it("SF-06 lets 50 starts come and go with the Cookie header under 8 KB", async () => {
    const visitor = app.visitor();
    for (let start = 0; start < 50; start++) {
      await visitor.startSignIn(`/dashboard?${"x".repeat(20 * start)}`);
    }
    expect(visitor.jar.header()?.length).toBeLessThan(8192);
    expect((await visitor.signIn()).headers.get("Location")).toBe("/dashboard");
  });
});

describe("coming back from Google", () => {
  it("SF-01 SF-02 SF-16 signs in, sending secret and verifier in the body, and leads to the page that was wanted", async () => {
    const visitor = app.visitor();
    const address = await visitor.startSignIn("/account?tab=1");
    const response = await visitor.get(await visitor.answerAtGoogle(address));

    expect(response.status).toBe(302);
    expect(locationOf(response)).toBe("/account?tab=1");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(await response.text()).toBe("");

    const [call] = app.google.calls.list("token");
    expect(call).toMatchObject({ method: "POST", clientAuth: "post", status: 200 });
    const verifier = call?.params.code_verifier ?? "";
    expect(verifier).toMatch(/^[\w-]{43}$/);
    expect(createHash("sha256").update(verifier).digest("base64url")).toBe(
      paramsOf(address).get("code_challenge"),
    );
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SC-02 is signed in on the very page after the callback", async () => {
    const visitor = app.visitor();
    const page = await visitor.get(locationOf(await visitor.signIn({ returnTo: "/dashboard" })));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Hello, ");
  });

  it("SF-10 ignores parameters it doesn’t know", async () => {
    const visitor = app.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    const response = await visitor.get(`${callback}&authuser=3&future=x&future=y&hd=example.org`);
    expect(locationOf(response)).toBe("/dashboard");
  });

  it("SF-06 finishes two sign-ins that were started side by side", async () => {
    const visitor = app.visitor();
    const a = await visitor.startSignIn("/account");
    const b = await visitor.startSignIn("/dashboard");
    expect(locationOf(await visitor.get(await visitor.answerAtGoogle(a)))).toBe("/account");
    expect(locationOf(await visitor.get(await visitor.answerAtGoogle(b)))).toBe("/dashboard");
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SF-23 knows a person by issuer and sub, not by the email address", async () => {
    const { control } = app.google;
    control.addAccount({ sub: "100000000000000000001", email: "first@gmail.com", name: "First" });
    const before = await signedInUser("first@gmail.com");
    control.changeAccount("100000000000000000001", { email: "renamed@gmail.com" });
    const renamed = await signedInUser("renamed@gmail.com");
    control.addAccount({ sub: "100000000000000000002", email: "first@gmail.com", name: "Second" });
    const other = await signedInUser("first@gmail.com");

    expect(renamed.id).toBe(before.id);
    expect(other.id).not.toBe(before.id);
  });

  async function signedInUser(account: string) {
    const visitor = app.visitor();
    await visitor.signIn({ account });
    const session = await visitor.session();
    if (session.status !== "authenticated") throw new Error("not signed in");
    return session.user;
  }
});

describe("a callback that isn’t the answer to this browser’s question", () => {
  it.each([
    ["no cookie", (callback: string) => callback, true, "expired"],
    [
      "another state",
      (callback: string) => callback.replace(/state=[^&]+/, "state=x"),
      false,
      "invalid_response",
    ],
    [
      "a changed state",
      (callback: string) => callback.replace(/(state=[^&]+)./, "$1_"),
      false,
      "invalid_response",
    ],
    [
      "no state",
      (callback: string) => callback.replace(/state=[^&]+/, ""),
      false,
      "invalid_response",
    ],
    ["two codes", (callback: string) => `${callback}&code=other`, false, "invalid_response"],
    ["two states", (callback: string) => `${callback}&state=other`, false, "invalid_response"],
    ["two errors", (callback: string) => `${callback}&error=a&error=b`, false, "invalid_response"],
    [
      "a second issuer",
      (callback: string) => `${callback}&iss=https://evil.example`,
      false,
      "invalid_response",
    ],
    [
      "no code",
      (callback: string) => callback.replace(/code=[^&]+/, ""),
      false,
      "invalid_response",
    ],
  ])(
    "SF-03 SF-11 is refused with %s, and no code goes to Google",
    async (_, change, forget, error) => {
      const visitor = app.visitor();
      const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
      if (forget) visitor.jar.clear();
      const response = await visitor.get(change(callback));

      expect(response.status).toBe(302);
      expect(locationOf(response)).toMatch(/^\/login\?/);
      expect(paramsOf(`${app.origin}${locationOf(response)}`).get("error")).toBe(error);
      expect(app.google.calls.count("token")).toBe(0);
      expect(await visitor.session()).toEqual({ status: "unauthenticated", reason: null });
    },
  );

  it.each(["https://evil.example", "with a trailing slash", "in upper case", "without scheme"])(
    "SF-09 is refused when it names another issuer: %s",
    async (kind) => {
      const { issuer } = app.google;
      const foreign: Record<string, string> = {
        "with a trailing slash": `${issuer}/`,
        "in upper case": issuer.toUpperCase(),
        "without scheme": issuer.replace(/^https?:\/\//, ""),
      };
      const visitor = app.visitor();
      const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
      const url = new URL(callback, app.origin);
      url.searchParams.set("iss", foreign[kind] ?? kind);
      const response = await visitor.get(url.pathname + url.search);
      expect(locationOf(response)).toContain("error=invalid_response");
      expect(app.google.calls.count("token")).toBe(0);
    },
  );

  it("SF-09 is refused without an issuer where the provider promises one", async () => {
    const visitor = app.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    const response = await visitor.get(callback.replace(/&?iss=[^&]+/, ""));
    expect(locationOf(response)).toContain("error=invalid_response");
    expect(app.google.calls.count("token")).toBe(0);
  });

  it("SF-03 SF-05 is refused a second time, even with a copy of the transaction’s cookie", async () => {
    const visitor = app.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    const thief = app.visitor(visitor.jar.copy());
    const first = await visitor.get(callback);
    expect(first.headers.getSetCookie().join()).toMatch(/-signin-[\w-]+=; Max-Age=0/);
    expect(visitor.jar.names()).toEqual([app.cookie]);

    expect(locationOf(await thief.get(callback))).toContain("error=expired");
    expect(app.google.calls.count("token")).toBe(1);
  });

  it("SF-05 is refused after ten minutes by the server’s clock", async () => {
    const visitor = app.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn("/account"));
    const kept = app.visitor(visitor.jar.copy());
    const cookie = kept.jar.header() ?? "";
    await app.clock.advance(600_000);
    const response = await kept.get(callback, { Cookie: cookie });
    expect(locationOf(response)).toContain("error=expired");
    expect(response.headers.getSetCookie().join()).toMatch(/-signin-[\w-]+=; Max-Age=0/);
    expect(app.google.calls.count("token")).toBe(0);
  });

  it("SF-17 leads somebody who is signed in already to the app when they reload it", async () => {
    const visitor = app.visitor();
    const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
    await visitor.get(callback);
    const again = await visitor.get(locationOf(await visitor.get(callback)));
    expect(locationOf(again)).toBe("/dashboard");
    expect(app.google.calls.count("token")).toBe(1);
  });

  it("SF-12 changes nothing for somebody who is signed in when an error is forged", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    await visitor.get(
      "/auth/google/callback?error=access_denied&error_description=<script>&state=x",
    );
    await visitor.get("/auth/google/callback?error=access_denied%0d%0aSet-Cookie:%20a=b");
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("SF-05 drops the transaction when the person cancels at Google", async () => {
    const visitor = app.visitor();
    const address = await visitor.startSignIn();
    const response = await visitor.get(
      await visitor.answerAtGoogle(address, { decision: "cancel" }),
    );
    expect(locationOf(response)).toContain("error=cancelled");
    expect(visitor.jar.names()).toEqual([]);
  });
});

describe("the ID token", () => {
  it.each([
    ["wrong-signature", "SF-18"],
    ["alg-none", "SF-18"],
    ["hs256", "SF-18"],
    ["es256", "SF-18"],
    ["jwk-header", "SF-18"],
    ["wrong-iss", "SF-19"],
    ["wrong-aud", "SF-19"],
    ["missing-aud", "SF-19"],
    ["wrong-azp", "SF-19"],
    ["expired", "SF-20"],
    ["missing-exp", "SF-20"],
    ["missing-iat", "SF-20"],
    ["future-iat", "SF-20"],
    ["too-long-lived", "SF-20"],
    ["missing-sub", "SF-20"],
    ["wrong-nonce", "SF-04"],
    ["missing-nonce", "SF-04"],
    ["wrong-at-hash", "SF-18"],
    ["unknown-kid", "SF-18"],
    ["missing", "PF-11"],
  ] as const)(
    "SF-04 SF-18 SF-19 SF-20 lets nobody in with the flaw %s (%s)",
    async (flaw, _row) => {
      app.google.faults.set("token", { kind: "id-token", flaw }, { times: 1 });
      const visitor = app.visitor();
      const response = await visitor.signIn();
      expect(locationOf(response)).toContain("error=invalid_response");
      expect(await visitor.session()).toEqual({ status: "unauthenticated", reason: null });
      expect(app.google.calls.count("userinfo")).toBe(0);

      expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    },
  );

  it("SF-18 is accepted without a key id", async () => {
    app.google.faults.set("token", { kind: "id-token", flaw: "no-kid" }, { times: 1 });
    expect(locationOf(await app.visitor().signIn())).toBe("/dashboard");
  });
});

/** What somebody reads who decodes every part of a cookie’s value. */
function decodedParts(cookie: string): string {
  return cookie
    .split(/[=;.]/)
    .map((part) => Buffer.from(part, "base64url").toString("latin1"))
    .join("\n");
}

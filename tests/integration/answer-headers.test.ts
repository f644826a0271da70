import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SampleBackend, startSampleBackend } from "../support/sample-backend";
import { startTestApp, type TestApp } from "../support/test-app";
import type { Visitor } from "../support/visitor";

let app: TestApp;
let backend: SampleBackend;
let visitors: Record<"nobody" | "somebody", Visitor>;

beforeAll(async () => {
  const google = await startTestApp();
  backend = await startSampleBackend(google.google);
  app = await startTestApp({
    beside: google,
    settings: { backendOrigin: backend.origin, trustedProxyHops: 1, signInRatePerMinute: 5 },
    clientDirectory: "build/client",
  });
  visitors = { nobody: app.visitor(), somebody: app.visitor() };
  await visitors.somebody.signIn();
  return () => google.stop();
});
afterAll(async () => {
  await app.stop();
  await backend.stop();
});

const TOO_LARGE = { Cookie: `__Host-Http-latchkey=${"x".repeat(20_000)}` };
const CROSS_SITE = { "Sec-Fetch-Site": "cross-site" };

/** One of each kind of answer: by page, data, redirect, file, API, and each step that says no itself. */
const REQUESTS: [number[], string, RequestInit?][] = [
  [[200], "/"],
  [[200], "/", { method: "HEAD" }],
  [[200], "/_root.data"],
  [[200, 302], "/login?returnTo=%2Fagenda%3Fplace%3Dsecret"],
  [[200, 302], "/dashboard"],
  [[200, 202], "/dashboard.data"],
  [[200, 302], "/account"],
  [[404], "/no-such-page"],
  [[404], "/no-such-page.data"],
  [[404], "/__manifest?p=%2Flogin"],
  [[404], "/login//x"],
  [[404], "/a".repeat(65)],
  [[414], `/${"a".repeat(2048)}`],
  [[414], `/login?${"&a".repeat(129)}`],
  [[302], "/auth/google"],
  [[302], "/auth/google", { method: "POST" }],
  [[302], "/auth/google/callback?code=secret&state=secret"],
  [[405], "/auth/google/events"],
  [[400], "/auth/google/events", { method: "POST", body: "no token" }],
  [[200], "/api/session"],
  [[403], "/api/session", { headers: CROSS_SITE }],
  [[401], "/api/me"],
  [[200, 401], "/api/backend/things"],
  [[200], "/healthz"],
  [[200], "/readyz"],
  [[200], "/favicon.svg"],
  [[200], "/robots.txt", { method: "HEAD" }],
  [[400], "/%E0%A4%A"],
  [[403], "/account", { method: "POST", headers: CROSS_SITE }],
  [[403], "/api/session", { method: "POST", headers: CROSS_SITE }],
  [[405], "/healthz", { method: "POST" }],
  [[405], "/favicon.svg", { method: "DELETE" }],
  [[404], "/no-such-page", { method: "POST" }],
  [[431], "/", { headers: TOO_LARGE }],
  [[431], "/api/session", { headers: TOO_LARGE }],
  [[400], "/csp-reports", { method: "POST", body: "{}" }],
  [[204], "/csp-reports", { method: "POST", body: "[]" }],
  [[413], "/csp-reports", { method: "POST", body: "x".repeat(100_000) }],
];

interface Crawled {
  what: string;
  path: string;
  answer: Response;
}

async function crawl(): Promise<Crawled[]> {
  const crawled: Crawled[] = [];
  for (const [who, visitor] of Object.entries(visitors)) {
    const jar = visitor.jar.copy();
    for (const [statuses, path, init] of REQUESTS) {
      const answer = await app.visitor(jar.copy()).request(path, init);
      const what = `${who}: ${init?.method ?? "GET"} ${path} ${answer.status}`;
      expect(statuses, what).toContain(answer.status);
      crawled.push({ what, path, answer });
    }
  }
  for (let hurry = 0; hurry < 6; hurry++) {
    const answer = await visitors.nobody.get("/auth/google/callback");
    if (answer.status === 429) crawled.push({ what: "429", path: "/auth/", answer });
  }
  return crawled;
}

/** What each directive of a policy allows. */
function directivesOf(policy: string | null): Record<string, string> {
  const directives = (policy ?? "").split("; ").map((one) => one.split(/ (.*)/));
  return Object.fromEntries(directives.map(([name = "", sources = ""]) => [name, sources]));
}

/** Built files carry a hash in their names: they never change. */
const builtFile = () => `/assets/${readdirSync("build/client/assets")[0]}`;
const FOREVER = "public, max-age=31536000, immutable";

describe("every answer, whoever asks and however it ends,", () => {
  let crawled: Crawled[];
  beforeAll(async () => {
    crawled = await crawl();
  });

  it("is of every kind that this crawl is about", () => {
    const statuses = new Set(crawled.map(({ answer }) => answer.status));
    expect([...statuses].sort()).toEqual([
      200, 202, 204, 302, 400, 401, 403, 404, 405, 413, 414, 429, 431,
    ]);
  });

  it("HC-01 tells browsers to come by https only, for a year, subdomains included", () => {
    for (const { what, answer } of crawled) {
      const hsts = answer.headers.get("Strict-Transport-Security");
      expect(hsts, what).toBe("max-age=31536000; includeSubDomains");
    }
  });

  it("HC-04 carries what Mozilla’s Observatory and OWASP look for, and doesn’t say what serves it", () => {
    for (const { what, path, answer } of crawled) {
      expect(Object.fromEntries(answer.headers), what).toMatchObject({
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "origin-agent-cluster": "?1",
        "referrer-policy": path.startsWith("/auth/") ? "no-referrer" : "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
      const denied = answer.headers.get("Permissions-Policy")?.split(", ") ?? [];
      expect(
        denied.filter((feature) => !feature.endsWith("=()")),
        what,
      ).toEqual([]);
      for (const feature of ["camera", "geolocation", "microphone", "payment", "usb"]) {
        expect(denied, what).toContain(`${feature}=()`);
      }
      for (const name of ["X-Powered-By", "Server", "Access-Control-Allow-Origin"]) {
        expect(answer.headers.has(name), `${what} ${name}`).toBe(false);
      }
    }
  });

  it("HC-02 has a policy that runs only what this answer’s nonce or the app’s own files bring", () => {
    const nonces: string[] = [];
    for (const { what, path, answer } of crawled) {
      const header = answer.headers.get("Content-Security-Policy");
      // The issuer of these tests is on this machine.
      const elsewhere = header?.replace(" http://localhost:*", "");
      expect(elsewhere, what).not.toMatch(
        /unsafe|strict-dynamic|\*(?!\.)|data:|http:(?!\/\/localhost)/,
      );
      const policy = directivesOf(header);
      if (path.startsWith("/api/backend/") && answer.status === 200) {
        expect(policy, what).toHaveProperty("sandbox");
        continue;
      }
      const [, nonce = ""] = /^'self' 'nonce-([\w-]{22,})'$/.exec(policy["script-src"] ?? "") ?? [];
      nonces.push(nonce);
      expect(policy, what).toEqual({
        "default-src": "'self'",
        "script-src": `'self' 'nonce-${nonce}'`,
        "style-src": "'self'",
        "img-src": "'self' https://*.googleusercontent.com https://*.ggpht.com",
        "connect-src": "'self'",
        "frame-src": "'none'",
        "worker-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": `'self' ${app.google.issuer} https: http://localhost:*`,
        "report-uri": "/csp-reports",
        "report-to": "csp",
      });
      expect(answer.headers.get("Reporting-Endpoints"), what).toBe('csp="/csp-reports"');
    }
    expect(nonces).not.toContain("");
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it("HC-03 FC-5 lets the sign-in form lead to Google and on over https, and nowhere else", async () => {
    const google = {
      clientId: "id",
      clientSecret: "secret",
      apiOrigin: "https://www.googleapis.com",
    };
    const settings = { google: { ...google, issuer: "https://accounts.google.com" } };
    const withGoogle = await startTestApp({ beside: app, settings });
    const page = await withGoogle.visitor().get("/login");
    const policy = directivesOf(page.headers.get("Content-Security-Policy") ?? "");
    expect(policy["form-action"]).toBe("'self' https://accounts.google.com https:");
    await withGoogle.stop();
  });

  it("HC-05 is kept by no cache, but for files", async () => {
    const built = await visitors.nobody.get(builtFile());
    expect(built.headers.get("Cache-Control")).toBe(FOREVER);
    for (const { what, path, answer } of crawled) {
      const file = /^\/(favicon\.svg|robots\.txt)$/.test(path) && answer.status === 200;
      const kept = file ? "public, max-age=3600" : "no-store";
      expect(answer.headers.get("Cache-Control"), what).toBe(kept);
    }
  });

  it("says so in JSON under /api/, in words elsewhere, when a step before Remix says no", async () => {
    const refused = crawled.filter(({ what }) => / (403|405|431)$/.test(what));
    expect(refused.length).toBeGreaterThan(10);
    for (const { what, path, answer } of refused) {
      if (path === "/auth/google/events") continue;
      const json = path.startsWith("/api/");
      const type = answer.headers.get("Content-Type") ?? "";
      expect(type, what).toMatch(json ? /^application\/json/ : /^text\/html/);
      const text = await answer.text();
      expect(text, what).toMatch(json ? /^\{"error":"[a-z_]+"\}$/ : /<a href="/);
    }
  });
});

describe("reports of what the policy stopped", () => {
  const report = JSON.stringify({ "csp-report": { "effective-directive": "img-src" } });
  const send = (headers: HeadersInit) =>
    app.fetch(new Request(`${app.origin}/csp-reports`, { method: "POST", body: report, headers }));
  const written = () => app.log.lines.filter(({ event }) => event === "csp_violation").length;

  it("HC-02 are taken from browsers, whichever header tells where from, and from nobody else", async () => {
    const before = written();
    // By `report-uri`, and by `report-to`, as Chromium sends them.
    expect((await send({ "Sec-Fetch-Site": "same-origin" })).status).toBe(204);
    expect((await send({ Origin: app.origin })).status).toBe(204);
    for (const headers of [
      CROSS_SITE,
      { Origin: "null" },
      { Origin: "https://evil.example" },
      {},
    ]) {
      expect((await send(headers)).status).toBe(403);
    }
    expect(written() - before).toBe(2);
  });
});

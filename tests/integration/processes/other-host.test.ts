import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  DEPLOYMENT_COOKIE,
  DEPLOYMENT_ORIGIN,
  type Deployment,
  startDeployment,
} from "../../support/deployment";
import { rawRequest, sendRaw } from "../../support/raw-http";
import type { ServerProcess } from "../../support/server-process";
import { temporaryDatabase } from "../../support/temporary-database";

const METRICS_TOKEN = "metrics-token-of-this-test";
/** Sixteen kilobytes of headers are too many, and make the app clear its cookies at its own host. */
const MANY_COOKIES = `${DEPLOYMENT_COOKIE}=${"x".repeat(17_000)}`;
const OTHER_HOSTS = [
  "www.app.example.com",
  "127.0.0.1:3000",
  "[::1]:3000",
  "localhost",
  "xapp.example.com",
  // The same machine, but to a browser another host with cookies of its own.
  "app.example.com.",
];

const database = temporaryDatabase();
let deployment: Deployment;
let direct: ServerProcess;
/** Behind one proxy of ours, which hands on its own `Host`. */
let proxied: ServerProcess;
let local: ServerProcess;
beforeAll(async () => {
  deployment = await startDeployment(database.url);
  [direct, proxied, local] = await Promise.all([
    deployment.start({ METRICS_TOKEN }),
    deployment.start({ TRUSTED_PROXY_HOPS: "1" }),
    deployment.start({ APP_ORIGIN: "http://localhost:3000" }),
  ]);
}, 60_000);
afterAll(async () => {
  await deployment.stop();
  database.remove();
});

async function ask(server: ServerProcess, line: string, headers: Record<string, string>) {
  const answer = await sendRaw(server.port, rawRequest(`${line} HTTP/1.1`, headers));
  if (answer === null) throw new Error("The server hung up");
  const { status, body } = answer;
  return {
    status,
    body,
    headers: answer.headers,
    location: answer.headers.get("Location"),
    cookies: answer.headers.getSetCookie(),
  };
}

const SAME_ORIGIN = { "Sec-Fetch-Site": "same-origin" };
const FORM = { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": "0" };

describe("a page that is asked for at another host", () => {
  it.each(OTHER_HOSTS)("FC-6 leads to the same address at APP_ORIGIN: %s", async (Host) => {
    for (const path of [
      "/",
      "/dashboard?x=1&y=a%20b+c&z=%2F&q='",
      "/login?returnTo=%2Faccount",
      "/auth/google/callback?state=s&code=c",
      "/account.data?_routes=x",
      "/favicon.svg",
      "/nowhere",
      "//evil.example/x",
      "/%E5%B1%B1/%zz",
    ]) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await ask(direct, `${method} ${path}`, { Host, Cookie: MANY_COOKIES });
        expect([answer.status, answer.location], path).toEqual([308, DEPLOYMENT_ORIGIN + path]);
        expect(answer.cookies).toEqual([]);
        expect(answer.headers.get("Cache-Control")).toBe("no-store");
      }
    }
  });

  it("FC-6 does so on this machine too, where browsers keep localhost and 127.0.0.1 apart", async () => {
    for (const Host of ["127.0.0.1:3000", "[::1]:3000"]) {
      const answer = await ask(local, "GET /login", { Host });
      expect([answer.status, answer.location]).toEqual([308, "http://localhost:3000/login"]);
    }
  });

  it.each(["app.example.com", "APP.example.COM", "app.example.com:443", "app.example.com:8443"])(
    "FC-6 is shown at the app’s own host, however it is written and whatever the port: %s",
    async (Host) => {
      expect((await ask(direct, "GET /login", { Host })).status).toBe(200);
    },
  );
});

describe("what would change something at another host", () => {
  const Host = "www.app.example.com";

  it("FC-6 a sign-in leads to APP_ORIGIN’s sign-in page, and leaves no cookie", async () => {
    const answer = await ask(direct, "POST /auth/google", { Host, ...SAME_ORIGIN, ...FORM });
    expect([answer.status, answer.location]).toEqual([303, `${DEPLOYMENT_ORIGIN}/login`]);
    expect(answer.cookies).toEqual([]);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  it("FC-6 any other form leads to its page, and nothing is done", async () => {
    for (const path of ["/logout", "/account?tab=1", "/agenda"]) {
      const answer = await ask(direct, `POST ${path}`, { Host, ...SAME_ORIGIN, ...FORM });
      expect([answer.status, answer.location, answer.cookies]).toEqual([
        303,
        DEPLOYMENT_ORIGIN + path,
        [],
      ]);
    }
  });

  it("FC-6 HC-06 from another origin it is refused first, whatever the host", async () => {
    for (const evidence of [
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
      { Origin: "https://evil.example" },
      {},
    ]) {
      for (const path of ["/auth/google", "/logout", "/api/session"]) {
        const answer = await ask(direct, `POST ${path}`, { Host, ...evidence, ...FORM });
        expect([answer.status, answer.location, answer.cookies], path).toEqual([403, null, []]);
      }
    }
  });

  it("FC-6 an API is refused: whoever calls it has the wrong address, which a redirect would hide", async () => {
    for (const [line, headers] of [
      ["GET /api/session", {}],
      ["GET /api/me", { Authorization: "Bearer token" }],
      ["GET /API/me", { Authorization: "Bearer token" }],
      ["POST /api/session", { ...SAME_ORIGIN, ...FORM }],
      ["OPTIONS /api/backend/x", {}],
      ["POST /auth/google/events", { ...FORM, "Content-Type": "application/secevent+jwt" }],
      ["POST /csp-reports", { ...SAME_ORIGIN, ...FORM }],
    ] as const) {
      const answer = await ask(direct, line, { Host, ...headers });
      expect([answer.status, answer.location, answer.cookies], line).toEqual([421, null, []]);
      if (line.includes("/api/")) expect(answer.body).toBe('{"error":"other_host"}');
    }
  });
});

describe("what no browser asks for", () => {
  it.each([...OTHER_HOSTS, "app.example.com"])(
    "FC-6 health and metrics are answered at any host: %s",
    async (Host) => {
      for (const [path, headers] of [
        ["/healthz", {}],
        ["/readyz", {}],
        ["/metrics", { Authorization: `Bearer ${METRICS_TOKEN}` }],
      ] as const) {
        const answer = await ask(direct, `GET ${path}`, { Host, ...headers });
        expect([answer.status, answer.cookies], path).toEqual([200, []]);
      }
    },
  );
});

describe("behind a proxy that hands on its own Host", () => {
  const Host = "127.0.0.1:3000";

  it("FC-6 the host that it names in X-Forwarded-Host counts, so that nothing loops", async () => {
    for (const forwarded of ["app.example.com", "evil.example, app.example.com"]) {
      const answer = await ask(proxied, "GET /login", { Host, "X-Forwarded-Host": forwarded });
      expect(answer.status, forwarded).toBe(200);
    }
    const other = { Host: "app.example.com", "X-Forwarded-Host": "www.app.example.com" };
    const led = await ask(proxied, "GET /login?a=1", other);
    expect([led.status, led.location]).toEqual([308, `${DEPLOYMENT_ORIGIN}/login?a=1`]);
  });

  it("FC-6 what is no host is another host, and none at all leaves Host to count", async () => {
    const nonsense = await ask(proxied, "GET /login", { Host, "X-Forwarded-Host": "a b/c" });
    expect(nonsense.location).toBe(`${DEPLOYMENT_ORIGIN}/login`);
    for (const headers of [{}, { "X-Forwarded-Host": "" }]) {
      const kept = await ask(proxied, "GET /login", { Host: "app.example.com", ...headers });
      expect(kept.status).toBe(200);
    }
  });

  it("FC-6 without a proxy of ours anybody may have written the header: Host counts", async () => {
    const forged = { Host: "www.app.example.com", "X-Forwarded-Host": "app.example.com" };
    expect((await ask(direct, "GET /login", forged)).status).toBe(308);
    const made = { Host: "app.example.com", "X-Forwarded-Host": "evil.example" };
    expect((await ask(direct, "GET /login", made)).status).toBe(200);
  });
});

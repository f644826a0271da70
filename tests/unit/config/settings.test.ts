import { describe, expect, it } from "vitest";
import { isLoopback, readSettings, type Settings } from "../../../app/config/settings.server";

const DAY_MS = 86_400_000;
const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const OLD_SECRET = "Pq2Wm7Xs4Ve9Rt1Ky6Uj3Ih8Og5Nb0Lc";

/** All that production requires. */
const REQUIRED = {
  APP_ORIGIN: "https://app.example.com",
  SESSION_SECRET: SECRET,
  GOOGLE_CLIENT_ID: "123.apps.googleusercontent.com",
  GOOGLE_CLIENT_SECRET: "GOCSPX-client-secret",
};

function settingsWith(variables: Record<string, string | undefined>): Settings {
  const read = readSettings({ ...REQUIRED, ...variables }, "production");
  if (!read.ok) throw new Error(read.message);
  return read.settings;
}

/** The problems as lines, without the sentences around them. */
function problemsWith(variables: Record<string, string | undefined>): string[] {
  const read = readSettings({ ...REQUIRED, ...variables }, "production");
  return read.ok ? [] : read.message.split("\n").slice(1, -1);
}

describe("readSettings", () => {
  it("gives a default for everything that isn't required", () => {
    expect(settingsWith({})).toEqual({
      mode: "production",
      appOrigin: "https://app.example.com",
      host: undefined,
      port: 3000,
      sessionSecrets: [SECRET],
      google: {
        clientId: "123.apps.googleusercontent.com",
        clientSecret: "GOCSPX-client-secret",
        issuer: "https://accounts.google.com",
        apiOrigin: "https://www.googleapis.com",
      },
      databaseUrl: "file:./data/latchkey.db",
      sessionIdleMs: 30 * DAY_MS,
      sessionAbsoluteMs: 180 * DAY_MS,
      trustedProxyHops: 0,
      signInRatePerMinute: 30,
      allowedHostedDomains: [],
      backendOrigin: null,
      metricsToken: null,
      logLevel: "info",
    });
  });

  it("takes over every variable", () => {
    expect(
      settingsWith({
        APP_ORIGIN: "https://keys.example.org",
        HOST: "127.0.0.1",
        PORT: "8080",
        SESSION_SECRET: `${SECRET}, ${OLD_SECRET}`,
        GOOGLE_CLIENT_ID: "other-id",
        GOOGLE_CLIENT_SECRET: "other-secret",
        GOOGLE_ISSUER: "http://localhost:4000",
        GOOGLE_API_ORIGIN: "http://127.0.0.1:4001",
        DATABASE_URL: "postgres://user:password@db/latchkey",
        SESSION_IDLE_DAYS: "0.5",
        SESSION_ABSOLUTE_DAYS: "400",
        TRUSTED_PROXY_HOPS: "2",
        SIGN_IN_RATE_PER_MINUTE: "0",
        ALLOWED_HOSTED_DOMAINS: "Example.com, ,example.org",
        BACKEND_ORIGIN: "https://api.example.com",
        METRICS_TOKEN: "a-token-for-metrics",
        LOG_LEVEL: "debug",
      }),
    ).toEqual({
      mode: "production",
      appOrigin: "https://keys.example.org",
      host: "127.0.0.1",
      port: 8080,
      sessionSecrets: [SECRET, OLD_SECRET],
      google: {
        clientId: "other-id",
        clientSecret: "other-secret",
        issuer: "http://localhost:4000",
        apiOrigin: "http://127.0.0.1:4001",
      },
      databaseUrl: "postgres://user:password@db/latchkey",
      sessionIdleMs: DAY_MS / 2,
      sessionAbsoluteMs: 400 * DAY_MS,
      trustedProxyHops: 2,
      signInRatePerMinute: 0,
      allowedHostedDomains: ["example.com", "example.org"],
      backendOrigin: "https://api.example.com",
      metricsToken: "a-token-for-metrics",
      logLevel: "debug",
    });
  });

  it("counts an empty variable as not set", () => {
    const empty = settingsWith({ PORT: "", HOST: " ", METRICS_TOKEN: "", BACKEND_ORIGIN: "" });
    expect(empty).toEqual(settingsWith({}));
    expect(problemsWith({ SESSION_SECRET: "" })).toEqual([
      expect.stringContaining("SESSION_SECRET is required"),
    ]);
  });

  it.each([
    ["APP_ORIGIN", "app.example.com"],
    ["APP_ORIGIN", "http://app.example.com"],
    ["APP_ORIGIN", "http://127.0.0.1.example.com"],
    ["APP_ORIGIN", "http://localhost.example.com"],
    ["APP_ORIGIN", "https://app.example.com/path"],
    ["APP_ORIGIN", "https://app.example.com/?query"],
    ["APP_ORIGIN", "https://app.example.com/#fragment"],
    ["APP_ORIGIN", "https://user@app.example.com"],
    ["APP_ORIGIN", "ftp://app.example.com"],
    ["PORT", "http"],
    ["PORT", "65536"],
    ["PORT", "80.5"],
    ["PORT", "-1"],
    ["GOOGLE_ISSUER", "accounts.google.com"],
    ["GOOGLE_ISSUER", "http://accounts.example.com"],
    ["GOOGLE_ISSUER", "https://accounts.example.com/?tenant=1"],
    ["GOOGLE_API_ORIGIN", "http://www.googleapis.com"],
    ["GOOGLE_API_ORIGIN", "https://www.googleapis.com/calendar"],
    ["DATABASE_URL", "mysql://db/latchkey"],
    ["DATABASE_URL", "file:"],
    ["SESSION_IDLE_DAYS", "0"],
    ["SESSION_IDLE_DAYS", "401"],
    ["SESSION_IDLE_DAYS", "a month"],
    ["SESSION_ABSOLUTE_DAYS", "-1"],
    ["SESSION_ABSOLUTE_DAYS", "Infinity"],
    ["TRUSTED_PROXY_HOPS", "1.5"],
    ["TRUSTED_PROXY_HOPS", "17"],
    ["SIGN_IN_RATE_PER_MINUTE", "1e3"],
    ["SIGN_IN_RATE_PER_MINUTE", "100001"],
    ["BACKEND_ORIGIN", "http://api.example.com"],
    ["METRICS_TOKEN", "short"],
    ["LOG_LEVEL", "verbose"],
  ])("refuses %s=%s, and names the variable", (name, value) => {
    expect(problemsWith({ [name]: value })).toEqual([
      expect.stringMatching(`^  ${name} (must|is not) `),
    ]);
  });

  it("lists every problem in one message, and where to read on", () => {
    const read = readSettings({ PORT: "http", LOG_LEVEL: "loud" }, "production");
    if (read.ok) throw new Error("These settings were accepted.");
    const lines = read.message.split("\n");
    expect(lines[0]).toBe("Latchkey can't start: 6 problems in its settings.");
    expect(lines.slice(1, -1).map((line) => line.trim().split(" ")[0])).toEqual([
      "APP_ORIGIN",
      "PORT",
      "SESSION_SECRET",
      "GOOGLE_CLIENT_ID",
      "GOOGLE_CLIENT_SECRET",
      "LOG_LEVEL",
    ]);
    expect(lines.at(-1)).toBe("See .env.example for every setting.");
  });

  it("SC-06 never repeats a secret's value in its message", () => {
    const values = {
      SESSION_SECRET: "Sh0rt-but-private,change-me-Fk39dk2Lsd83kdmW03kdPq72",
      DATABASE_URL: "mysql://latchkey:db-password@db/latchkey",
      METRICS_TOKEN: "private",
      GOOGLE_CLIENT_SECRET: "GOCSPX-client-secret",
      APP_ORIGIN: "https://admin:origin-password@app.example.com",
    };
    const message = problemsWith(values).join("\n");
    expect(message).toContain("secret 1 of 2 must be at least 32 characters");
    expect(message).toContain("secret 2 of 2 is a placeholder");
    for (const part of ["Sh0rt", "change-me", "db-password", "private", "GOCSPX", "origin-pass"]) {
      expect(message).not.toContain(part);
    }
  });

  it.each(["APP_ORIGIN", "SESSION_SECRET", "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"])(
    "SC-06 doesn't start in production without %s",
    (name) => {
      expect(problemsWith({ [name]: undefined })).toEqual([
        expect.stringContaining(`${name} is required`),
      ]);
    },
  );

  it("needs no origin in development", () => {
    const read = readSettings({ ...REQUIRED, APP_ORIGIN: undefined }, "development");
    expect(read).toMatchObject({ ok: true, settings: { appOrigin: "http://localhost:3000" } });
  });

  it.each([
    ["short", "k3J9x2Lq8Zw5Vt1Yr7Nb4Mc6Hs0Df2G"],
    ["repeated", "a".repeat(40)],
    ["a pattern", "abcabcabcabcabcabcabcabcabcabcabcabc"],
    ["a placeholder", "change-me-please-to-32-characters-or-more"],
    ["empty beside another", `${SECRET},`],
    ["good and bad", `${SECRET},${"ab".repeat(20)}`],
    ["twice the same", `${SECRET},${SECRET}`],
  ])("SC-06 refuses a session secret that is %s", (_what, secret) => {
    expect(problemsWith({ SESSION_SECRET: secret })).toHaveLength(1);
  });

  it.each(["METRICS_TOKEN", "GOOGLE_CLIENT_SECRET"])(
    "SC-06 refuses a session secret that is %s as well",
    (other) => {
      const problems = problemsWith({ SESSION_SECRET: `${OLD_SECRET},${SECRET}`, [other]: SECRET });
      expect(problems).toEqual([expect.stringContaining(`same value as ${other}`)]);
      expect(problems.join()).not.toContain(SECRET);
    },
  );

  it("drops a slash at the end of an origin, and keeps the issuer as it was written", () => {
    const settings = settingsWith({
      APP_ORIGIN: "https://APP.example.com:443/",
      GOOGLE_ISSUER: "https://id.example.com/",
    });
    expect(settings.appOrigin).toBe("https://app.example.com");
    expect(settings.google.issuer).toBe("https://id.example.com/");
  });
});

describe("isLoopback", () => {
  it.each(["localhost", "127.0.0.1", "127.255.0.9", "[::1]"])("knows %s", (hostname) => {
    expect(isLoopback(hostname)).toBe(true);
  });

  it.each(["127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "0.0.0.0", "[::]", ""])(
    "doesn't take %j for this machine",
    (hostname) => {
      expect(isLoopback(hostname)).toBe(false);
    },
  );
});

import { describe, expect, it } from "vitest";
import { BRAND } from "../../../app/brand/brand";
import { isLoopback } from "../../../app/config/origin-setting.server";
import { readSettings, type Settings } from "../../../app/config/settings.server";

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
  it("gives a default for everything that isn’t required", () => {
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

  it.each(["\n", "\r\n", " ", "\t", "\uFEFF", "\u200B", "\0", "\u00A0"])(
    "FC-7 trims every value: %j around it",
    (around) => {
      const values: Record<string, string> = {
        ...REQUIRED,
        PORT: "8080",
        HOST: "127.0.0.1",
        SESSION_SECRET: `${SECRET},${OLD_SECRET}`,
        ALLOWED_HOSTED_DOMAINS: "example.com",
        DATABASE_URL: "postgres://user:password@db/latchkey",
        GOOGLE_ISSUER: "https://accounts.google.com",
        METRICS_TOKEN: "a-token-for-metrics",
        SESSION_IDLE_DAYS: "7",
        LOG_LEVEL: "debug",
      };
      const padded = Object.entries(values).map(([name, value]) => [name, around + value + around]);
      expect(settingsWith(Object.fromEntries(padded))).toEqual(settingsWith(values));
      expect(settingsWith({ METRICS_TOKEN: around })).toEqual(settingsWith({}));
    },
  );

  it.each([
    ["GOOGLE_CLIENT_ID", '"123.apps.googleusercontent.com"', "must not be in quotes"],
    ["GOOGLE_CLIENT_ID", "“123.apps.googleusercontent.com”", "must not be in quotes"],
    ["GOOGLE_CLIENT_ID", "123 .apps.googleusercontent.com", "must not contain spaces"],
    ["GOOGLE_CLIENT_ID", '"123.apps.googleusercontent.com', "must not contain quotes"],
    ["GOOGLE_CLIENT_ID", "1\u200B23.apps.googleusercontent.com", "must not contain invisible"],
    ["GOOGLE_CLIENT_ID", "123.apps.googleusercontent.com,4.apps.googleusercontent.com", "commas"],
    ["GOOGLE_CLIENT_ID", "$GOOGLE_ID", "is not filled in"],
    ["GOOGLE_CLIENT_SECRET", "'GOCSPX-client-secret'", "must not be in quotes"],
    ["GOOGLE_CLIENT_SECRET", '""', "must not be in quotes"],
    ["GOOGLE_CLIENT_SECRET", "GOCSPX-client\nsecret", "must not contain spaces or line breaks"],
    ["GOOGLE_CLIENT_SECRET", "GOCSPX-client-secret # ours", "must not contain spaces"],
    ["GOOGLE_CLIENT_SECRET", "GOCSPX–client–secret", "must be plain ASCII"],
    ["GOOGLE_CLIENT_SECRET", "<client secret>", "is not filled in"],
    ["SESSION_SECRET", `"${SECRET}"`, "must not be in quotes"],
    ["SESSION_SECRET", `${SECRET}\n${OLD_SECRET}`, "must not contain spaces or line breaks"],
    ["SESSION_SECRET", `${SECRET} ${OLD_SECRET}`, "must not contain spaces"],
    ["METRICS_TOKEN", '"a-token-for-metrics"', "must not be in quotes"],
    ["METRICS_TOKEN", "a token for metrics", "must not contain spaces"],
    ["METRICS_TOKEN", "a-token-for-metrics!", "must be letters, digits"],
    ["METRICS_TOKEN", "a-token-für-metrics", "must be letters, digits"],
    ["APP_ORIGIN", '"https://app.example.com"', "must not be in quotes"],
    ["PORT", "'3000'", "must not be in quotes"],
    ["PORT", "3000 # http", "must be a whole number"],
    ["DATABASE_URL", '"postgres://user:password@db/latchkey"', "must not be in quotes"],
  ])("FC-7 refuses %s=%j by name, and repeats no value", (name, value, why) => {
    const problems = problemsWith({ [name]: value });
    expect(problems).toEqual([expect.stringMatching(`^  ${name} .*${why}`)]);
    expect(problems.join()).not.toMatch(/GOCSPX|password@|vJ3q8|client.secret/);
  });

  it("FC-7 sees that the client’s id and secret are swapped", () => {
    const problems = problemsWith({
      GOOGLE_CLIENT_ID: REQUIRED.GOOGLE_CLIENT_SECRET,
      GOOGLE_CLIENT_SECRET: REQUIRED.GOOGLE_CLIENT_ID,
    });
    expect(problems).toEqual([expect.stringContaining("look swapped")]);
  });

  it.each([
    "@example.org",
    "*.example.org",
    "https://example.org",
    "example.org:443",
    "example.org/",
    "example.org.",
    "ada@example.org",
    "example",
    "example .org",
    "example.com example.org",
    "example.com;example.org",
    "192.0.2.1",
    "example..org",
    "-example.org",
    "good.example,*",
    ",",
    "gmail.com",
    "example.org,GoogleMail.com",
  ])("FC-8 refuses ALLOWED_HOSTED_DOMAINS=%s, which would let nobody in, or everybody", (value) => {
    expect(problemsWith({ ALLOWED_HOSTED_DOMAINS: value })).toEqual([
      expect.stringMatching("^  ALLOWED_HOSTED_DOMAINS must (list|name) "),
    ]);
  });

  it("FC-8 names the entry that is none", () => {
    const problems = problemsWith({ ALLOWED_HOSTED_DOMAINS: "example.com,@example.org" });
    expect(problems.join()).toContain('"@example.org"');
  });

  it("FC-8 knows domains in other scripts by their ASCII form", () => {
    const { allowedHostedDomains } = settingsWith({
      ALLOWED_HOSTED_DOMAINS: "Bücher.example, 例え.テスト, xn--bcher-kva.example, bücher。com",
    });
    expect(allowedHostedDomains).toEqual([
      "xn--bcher-kva.example",
      "xn--r8jz45g.xn--zckzah",
      "xn--bcher-kva.example",
      "xn--bcher-kva.com",
    ]);
  });

  it.each([
    "https://accounts.google.com/",
    "http://accounts.google.com",
    "HTTPS://Accounts.Google.com",
    "accounts.google.com",
    "https://accounts.google.com:443",
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://accounts.google.com./",
    "https://accounts.google.com/.well-known/openid-configuration",
  ])("FC-9 refuses Google’s issuer spelled as %s", (value) => {
    expect(problemsWith({ GOOGLE_ISSUER: value })).toEqual([
      "  GOOGLE_ISSUER must be exactly https://accounts.google.com for Google, or not set",
    ]);
  });

  it.each([
    "https://id.example.com/.well-known/openid-configuration",
    "https://user:password@id.example.com",
  ])("FC-9 refuses an issuer that can be none: %s", (value) => {
    const problems = problemsWith({ GOOGLE_ISSUER: value });
    expect(problems).toEqual([expect.stringMatching("^  GOOGLE_ISSUER must be ")]);
    expect(problems.join()).not.toContain("password@");
  });

  it("FC-8 leaves to another issuer what only Google never has", () => {
    const other = {
      GOOGLE_ISSUER: "https://id.example.com",
      APP_ORIGIN: "https://203.0.113.7",
      ALLOWED_HOSTED_DOMAINS: "gmail.com",
    };
    expect(problemsWith(other)).toEqual([]);
  });

  it.each([
    "file:./x.db?mode=ro",
    "file:x.db?cache=shared",
    "file:///var/lib/x.db#main",
    "file:~/x.db",
    "file:///~/x.db",
    "file://~/x.db",
    "file:./data/",
    "file://data/x.db",
    "file:///data/%E4.db",
    "postgres://user:pass#word@db/latchkey",
    "postgres://user:pass/word@db/latchkey",
    "postgres://user:%E4@db/latchkey",
    "postgres://user:password@db:port/latchkey",
    "postgres://db/latchkey?sslmode=on",
    "postgres://db/latchkey?sslmode=verify_full",
  ])("FC-12 refuses DATABASE_URL=%s", (value) => {
    const problems = problemsWith({ DATABASE_URL: value });
    expect(problems).toEqual([expect.stringMatching("^  DATABASE_URL must ")]);
    expect(problems.join()).not.toContain("pass#");
  });

  it.each([
    "file:latchkey.db",
    "file:/var/lib/latchkey/latchkey.db",
    "file:///var/lib/latchkey/my%20app.db",
    "file:C:\\data\\latchkey.db",
    "file:./a~b/latchkey.db",
    "file::memory:",
    "postgres://user:p%23ss@db:5432/latchkey?sslmode=verify-full",
    "postgresql://user@/latchkey?host=/run/postgresql",
    "postgres:///latchkey",
  ])("FC-12 takes DATABASE_URL=%s", (value) => {
    expect(settingsWith({ DATABASE_URL: value }).databaseUrl).toBe(value);
  });

  it.each([
    ["APP_ORIGIN", "https://*.example.com"],
    ["APP_ORIGIN", "https://a.example.com,b.example.com"],
    ["APP_ORIGIN", "https://0.0.0.0"],
    ["APP_ORIGIN", "http://[::]:3000"],
    ["APP_ORIGIN", "https://203.0.113.7"],
    ["HOST", "http://0.0.0.0"],
    ["HOST", "0.0.0.0:3000"],
    ["HOST", "[::1]"],
    ["HOST", "*"],
    ["BACKEND_ORIGIN", "https://app.example.com/"],
    ["BACKEND_ORIGIN", "http://127.0.0.1:3000"],
    ["BACKEND_ORIGIN", "https://0.0.0.0:8000"],
    ["GOOGLE_ISSUER", "https://app.example.com"],
    ["GOOGLE_API_ORIGIN", "https://app.example.com"],
  ])("FC-7 refuses %s=%s, which can never work", (name, value) => {
    expect(problemsWith({ [name]: value })).toEqual([expect.stringMatching(`^  ${name} must `)]);
  });

  it.each([
    ["HOST", "::1"],
    ["HOST", "fe80::1%eth0"],
    ["HOST", "localhost"],
    ["LOG_LEVEL", "WARN"],
    ["APP_ORIGIN", "https://bücher.example"],
    ["BACKEND_ORIGIN", "http://127.0.0.1:8000"],
  ])("takes %s=%s", (name, value) => {
    expect(problemsWith({ [name]: value })).toEqual([]);
  });

  it("lists every problem in one message, and where to read on", () => {
    const read = readSettings({ PORT: "http", LOG_LEVEL: "loud" }, "production");
    if (read.ok) throw new Error("These settings were accepted.");
    const lines = read.message.split("\n");
    expect(lines[0]).toBe(`${BRAND.name} can’t start: 6 problems in its settings.`);
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

  it("SC-06 never repeats a secret’s value in its message", () => {
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
    "SC-06 doesn’t start in production without %s",
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
    "doesn’t take %j for this machine",
    (hostname) => {
      expect(isLoopback(hostname)).toBe(false);
    },
  );
});

import { describe, expect, it } from "vitest";
import { createLog, type LogOptions } from "../../../app/config/log.server";
import { LOG_EVENTS } from "../../../app/config/log-events";
import { LOG_FIELDS } from "../../../app/config/log-fields";

function aLog(options: Partial<LogOptions> = {}) {
  const written: string[] = [];
  const complaints: string[] = [];
  const log = createLog({
    level: "debug",
    version: "1.2.3",
    destination: { write: (text) => void written.push(text) },
    lastResort: (message) => complaints.push(message),
    ...options,
  });
  return { log, written, complaints, lines: () => written.map((text) => JSON.parse(text)) };
}

/** What an attacker may send as a path, a header or a code, and what of it must not be in the log. */
const HOSTILE: readonly [what: string, text: string, never: RegExp][] = [
  [
    "a line break and a forged line",
    '/x\r\n{"level":"info","event":"authn_login_success"}',
    /\r|\n/,
  ],
  ["a terminal’s colours", "/\u001b[2J\u001b[31mred\u009b0m", /\p{Cc}/u],
  ["line separators of Unicode", "/a\u2028b\u2029c\u0085d", /[\u2028\u2029\u0085]/],
  ["text that runs backwards", "/\u202egnp.exe", /\u202e/],
  ["half a character", "/\ud800", /\ud800|\ufffd/],
  ["a megabyte", `/${"a b".repeat(350_000)}`, /.{1400}/],
  ["an access token", "/files/ya29.a0AfH6SMBx-canary_0123456789/x", /canary|ya29/],
  ["a refresh token", "1//0gcanary_refresh-token", /canary/],
  ["a code", "/cb/4/0AX4XfWhcanary-code_0123456789", /canary/],
  ["a client secret", "GOCSPX-canary-secret", /canary/],
  ["a JWT", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl-canary", /canary|eyJ/],
  ["a state", "AAAAAAAAAAA.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", /b{10}/],
  ["a token that the bound would cut in two", `${"x ".repeat(95)}ya29.${"c".repeat(300)}`, /ccc/],
  [
    "a token across the last place that is read",
    `${" ".repeat(1995)}ya29.${"c".repeat(99)}`,
    /ccc/,
  ],
  ["an email address", "/unsubscribe/ada.lovelace%40gmail.com", /ada|gmail/],
];

describe("the log", () => {
  it.each(HOSTILE)(
    "LG-05 LG-03 is one bounded JSON line and shows nothing of %s",
    (_, text, never) => {
      const { log, written, lines } = aLog();
      log.warn("http_request", { path: text, userAgent: text });
      expect(written).toHaveLength(1);
      const [line = ""] = written;
      expect(line.slice(0, -1)).not.toMatch(never);
      expect(line).toMatch(/^[^\n\r]+\n$/);
      expect(line.length).toBeLessThan(1400);
      expect(lines()[0]).toMatchObject({ level: "warn", event: "http_request" });
    },
  );

  it("LG-05 leaves ordinary text as it is", () => {
    const { log, lines } = aLog();
    const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0";
    log.info("http_request", { path: "/wp-login.php", userAgent, sourceIp: "2001:db8:0:1::/64" });
    expect(lines()[0]).toMatchObject({ path: "/wp-login.php", userAgent });
    expect(lines()[0].sourceIp).toBe("2001:db8:0:1::/64");
  });

  it("LG-02 gives each line its time in UTC, its level, its event and the app’s version", () => {
    const { log, lines } = aLog();
    log.error("sys_startup", { port: 3000 });
    expect(lines()[0]).toEqual({
      level: "error",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      version: "1.2.3",
      port: 3000,
      event: "sys_startup",
    });
  });

  it("LG-02 asks for a child’s fields at each line, so that later ones know more", () => {
    const { log, lines } = aLog();
    let user: string | undefined;
    const child = log.child(() => ({ requestId: "r1" })).child(() => ({ user }));
    child.info("session_created");
    user = "pseudonym";
    child.info("session_logout", { requestId: "r2" });
    expect(lines()[0]).not.toHaveProperty("user");
    expect(lines()).toMatchObject([{ requestId: "r1" }, { requestId: "r2", user: "pseudonym" }]);
  });

  it("LG-03 writes no field that isn’t listed, and no value of another kind", () => {
    const { log, written, lines } = aLog();
    const slip = {
      accessToken: "short-canary",
      cookie: "short-canary",
      email: "short-canary",
      reason: { token: "short-canary" },
      sessions: ["short-canary"],
      alarm: "short-canary",
    };
    log.error("unexpected_error", slip as object);
    expect(written.join()).not.toContain("canary");
    expect(Object.keys(lines()[0]).sort()).toEqual(
      ["alarm", "event", "level", "reason", "sessions", "time", "version"].sort(),
    );
  });

  it("LG-03 has no name for a token, code, cookie, secret or address in its list of fields", () => {
    const named = Object.keys(LOG_FIELDS).join(" ");
    expect(named).not.toMatch(
      /token|code|nonce|\bstate\b|verifier|authorization|secret|email|\bid\b/i,
    );
  });

  it("LG-01 has OWASP’s events by their names, each once", () => {
    expect(new Set(LOG_EVENTS).size).toBe(LOG_EVENTS.length);
    for (const event of LOG_EVENTS) expect(event).toMatch(/^[a-z]+(_[a-z]+)+$/);
  });
});

describe("a log that fails", () => {
  const full = () => {
    throw Object.assign(new Error("no space for canary"), { code: "ENOSPC" });
  };

  it("LG-07 throws nothing at whoever logs, and tells the last resort once", () => {
    const { log, complaints } = aLog({ destination: { write: full } });
    for (let line = 0; line < 3; line++) log.child(() => ({ user: "u" })).info("session_created");
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain("ENOSPC");
    expect(complaints[0]).not.toContain("canary");
  });

  it("LG-07 writes its lines although the counting of them fails", () => {
    const { log, lines, complaints } = aLog({ observe: full });
    log.info("authn_login_success");
    expect(lines()).toMatchObject([{ event: "authn_login_success" }]);
    expect(complaints).toHaveLength(1);
  });

  it("LG-07 counts although the lines can’t be written, or are below the level", () => {
    const counted: string[] = [];
    const observe = (event: string) => void counted.push(event);
    aLog({ destination: { write: full }, observe }).log.info("authn_login_success");
    const silent = aLog({ level: "silent", observe });
    silent.log.debug("session_opened");
    expect(silent.written).toEqual([]);
    expect(counted).toEqual(["authn_login_success", "session_opened"]);
  });
});

import { describe, expect, it } from "vitest";
import {
  type CookiePolicy,
  cookiePolicy,
  parseCookieHeader,
} from "../../../app/session/cookie-header.server";
import { createSealer } from "../../../app/session/seal.server";
import type { Session } from "../../../app/session/session.server";
import { createSessionCookie } from "../../../app/session/session-cookie.server";
import { CookieJar } from "../../support/cookie-jar";
import { aSession } from "../../support/session-fixture";
import { createTestClock } from "../../support/test-clock";
import { createTestRandom } from "../../support/test-random";

const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const NEW_SECRET = "Pq2Wm7Xs4Ve9Rt1Ky6Uj3Ih8Og5Nb0Lc";
const HTTPS = cookiePolicy("https://app.example.com");
const NAME = HTTPS.name;
const HOUR = 3_600_000;
const NONE = new Map<string, string[]>();

interface Browser {
  jar: CookieJar;
  read(): ReturnType<ReturnType<typeof createSessionCookie>["read"]>;
  write(session: Session): string[];
  clear(): string[];
}

/** A browser, and an app that reads and writes its cookies. */
function aBrowser(
  policy: CookiePolicy = HTTPS,
  secrets: [string, ...string[]] = [SECRET],
): Browser {
  const cookie = createSessionCookie(policy, createSealer("session", secrets, createTestRandom()));
  const jar = new CookieJar(createTestClock());
  const sent = () => parseCookieHeader(jar.header());
  const store = (setCookies: string[]) => {
    jar.store(new Headers(setCookies.map((value): [string, string] => ["Set-Cookie", value])));
    return setCookies;
  };
  return {
    jar,
    read: () => cookie.read(sent()),
    write: (session) => store(cookie.write(session, HOUR, sent())),
    clear: () => store(cookie.clear(sent())),
  };
}

function aCookie(sealedBy = createSealer("session", [SECRET], createTestRandom())) {
  return createSessionCookie(HTTPS, sealedBy);
}

/** Tokens as long as Google says they may be (2048 and 512 bytes), or of other lengths. */
function withTokens(session: Session, accessLength = 2048, refreshLength = 512): Session {
  const tokens = {
    ...session.tokens,
    accessToken: "a".repeat(accessLength),
    refreshToken: "r".repeat(refreshLength),
  };
  return { ...session, tokens };
}

/** Too big for one cookie. */
const BIG = withTokens(aSession(), 3000);

describe("createSessionCookie", () => {
  it.each(["https://app.example.com", "http://localhost:3000"])(
    "reads what it has written, at %s",
    (origin) => {
      const browser = aBrowser(cookiePolicy(origin));
      browser.write(aSession());
      expect(browser.read()).toEqual({
        kind: "session",
        session: aSession(),
        key: expect.anything(),
      });
      browser.write(BIG);
      expect(browser.read()).toEqual({ kind: "session", session: BIG, key: expect.anything() });
    },
  );

  it("SC-01 names and guards the cookie as the address allows", () => {
    const attributes = (origin: string) => {
      const [setCookie = ""] = aBrowser(cookiePolicy(origin)).write(aSession());
      return setCookie.replace(/=[^;]*/, "");
    };
    expect(attributes("https://app.example.com")).toBe(
      "__Host-Http-latchkey; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax",
    );
    expect(attributes("http://127.0.0.1:3000")).toBe(
      "latchkey-3000; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax",
    );
  });

  it("SC-01 guards every chunk and every deletion likewise", () => {
    const browser = aBrowser();
    const all = [...browser.write(BIG), ...browser.write(aSession()), ...browser.clear()];
    expect(all).toHaveLength(6);
    for (const setCookie of all) {
      expect(setCookie).toMatch(/^__Host-Http-latchkey/);
      expect(setCookie).toMatch(/; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    }
  });

  it("SC-03 writes the same session differently each time", () => {
    const cookie = aCookie();
    const write = () => cookie.write(aSession(), HOUR, NONE).join();
    expect(new Set(Array.from({ length: 50 }, write)).size).toBe(50);
  });

  it("finds no session among other cookies", () => {
    const browser = aBrowser();
    browser.jar.set("theme", "dark");
    browser.jar.set(`${NAME}-signin-AAAAAAAAAAA`, "x");
    expect(browser.read()).toEqual({ kind: "none" });
    expect(browser.clear()).toEqual([]);
  });

  it("SC-04 finds a changed, a cut and a swapped cookie unreadable", () => {
    const changes: ((value: string) => string)[] = [
      (value) => value.slice(0, -1),
      (value) => value.replace(/.$/, (last) => (last === "A" ? "Q" : "A")),
      () => "",
      () => "deleted",
      () => createSealer("sign-in", [SECRET], createTestRandom()).seal("{}"),
      () => createSealer("session", [SECRET], createTestRandom()).seal("{}"),
    ];
    const causes = changes.map((change) => {
      const browser = aBrowser();
      browser.write(aSession());
      browser.jar.set(NAME, change(browser.jar.get(NAME) ?? ""));
      const reading = browser.read();
      return reading.kind === "unreadable" ? reading.cause : reading.kind;
    });
    expect(causes).toEqual([
      "malformed",
      "tampered",
      "malformed",
      "malformed",
      "malformed",
      "old_version",
    ]);
  });

  it("SC-07 reads with the old key, writes with the new one, and lets go of a dropped one", () => {
    const before = aBrowser();
    before.write(aSession());
    const during = aBrowser(HTTPS, [NEW_SECRET, SECRET]);
    during.jar.set(NAME, before.jar.get(NAME) ?? "");
    expect(during.read().kind).toBe("session");
    during.write(aSession());

    const after = aBrowser(HTTPS, [NEW_SECRET]);
    after.jar.set(NAME, before.jar.get(NAME) ?? "");
    expect(after.read()).toEqual({ kind: "unreadable", cause: "unknown_key" });
    after.jar.set(NAME, during.jar.get(NAME) ?? "");
    expect(after.read().kind).toBe("session");
  });

  describe("chunks", () => {
    it("SC-13 deletes left-over chunks when the session shrinks, and the whole when it grows", () => {
      const browser = aBrowser();
      browser.write(BIG);
      expect(browser.jar.names()).toEqual([`${NAME}.0`, `${NAME}.1`]);
      browser.write(aSession());
      expect(browser.jar.names()).toEqual([NAME]);
      browser.write(BIG);
      expect(browser.jar.names()).toEqual([`${NAME}.0`, `${NAME}.1`]);
      browser.clear();
      expect(browser.jar.names()).toEqual([]);
    });

    it("SC-13 SC-04 accepts a big session whole or not at all", () => {
      const browser = aBrowser();
      browser.write(BIG);
      const [first = "", second = ""] = [0, 1].map((index) => browser.jar.get(`${NAME}.${index}`));
      browser.write(BIG);
      const otherSecond = browser.jar.get(`${NAME}.1`) ?? "";

      const kinds = [
        { [`${NAME}.0`]: first },
        { [`${NAME}.1`]: second },
        { [`${NAME}.0`]: second, [`${NAME}.1`]: first },
        { [`${NAME}.0`]: first, [`${NAME}.1`]: otherSecond },
        { [`${NAME}.0`]: first, [`${NAME}.2`]: second },
        { [NAME]: first },
      ].map((cookies) => {
        browser.jar.clear();
        for (const [name, value] of Object.entries(cookies)) browser.jar.set(name, value);
        return browser.read().kind;
      });
      expect(kinds).toEqual(Array.from(kinds, () => "unreadable"));

      browser.jar.clear();
      browser.jar.set(`${NAME}.1`, second);
      browser.jar.set(`${NAME}.0`, first);
      expect(browser.read().kind).toBe("session");
    });

    it.each([
      ["whole", aSession({ generation: 2 }), { ...BIG, generation: 1 }],
      ["in chunks", { ...BIG, generation: 2 }, aSession({ generation: 1 })],
    ])(
      "SC-13 heals after a late answer left old cookies beside newer ones, %s",
      (_how, newer, older) => {
        const browser = aBrowser();
        browser.write(older);
        const left = browser.jar.copy();
        browser.write(newer);
        const written = browser.jar.names();
        for (const name of left.names()) browser.jar.set(name, left.get(name) ?? "");
        expect(browser.read()).toEqual({ kind: "session", session: newer, key: expect.anything() });

        browser.write(newer);
        expect(browser.jar.names()).toEqual(written);
      },
    );

    it.each([
      ["whole", aSession({ startedAt: aSession().startedAt + 1 }), { ...BIG, generation: 7 }],
      ["in chunks", { ...BIG, startedAt: BIG.startedAt + 1 }, aSession({ generation: 7 })],
    ])("reads the session that began later, %s, when two are there", (_how, later, earlier) => {
      const browser = aBrowser();
      browser.write(earlier);
      const left = browser.jar.copy();
      browser.write({ ...later, id: "B".repeat(22) });
      for (const name of left.names()) browser.jar.set(name, left.get(name) ?? "");
      expect(browser.jar.names()).toHaveLength(3);
      expect(browser.read()).toEqual({
        kind: "session",
        key: expect.anything(),
        session: { ...later, id: "B".repeat(22) },
      });
    });

    it("SC-13 isn’t disturbed by one cookie that can’t be read beside a good one", () => {
      const browser = aBrowser();
      browser.write(aSession());
      browser.jar.set(`${NAME}.0`, "rubbish");
      expect(browser.read().kind).toBe("session");
      expect(browser.write(aSession())).toHaveLength(2);
      expect(browser.jar.names()).toEqual([NAME]);
    });
  });

  it("SC-17 refuses a cookie that is sent twice with different values", () => {
    const cookie = aCookie();
    const [first, second] = [1, 2].map((generation) => {
      const [setCookie = ""] = cookie.write(aSession({ generation }), HOUR, NONE);
      return setCookie.slice(NAME.length + 1).split(";")[0] ?? "";
    });
    const read = (header: string) => cookie.read(parseCookieHeader(header)).kind;
    expect(read(`${NAME}=${first}; ${NAME}=${second}`)).toBe("unreadable");
    expect(read(`${NAME}=${first}; ${NAME}=${first}`)).toBe("session");
  });

  describe("sizes", () => {
    /** The largest that Google documents, with a long name and address. */
    const largest = withTokens(
      aSession({
        generation: 100_000,
        tokens: {
          ...aSession().tokens,
          issuedBefore: Array.from({ length: 4 }, () => aSession().tokens.issuedAt),
        },
        user: {
          issuer: "https://accounts.google.com",
          id: "1".repeat(255),
          name: "Ä".repeat(100),
          email: `${"e".repeat(242)}@example.com`,
          picture: `https://lh3.googleusercontent.com/${"p".repeat(200)}`,
          hostedDomain: null,
        },
      }),
    );

    it("SC-12 keeps a session with the largest documented tokens whole", () => {
      expect(aCookie().fit(largest)).toEqual(largest);
    });

    it("SC-12 keeps each cookie within 4096 bytes and all of them within 8 KB", () => {
      const browser = aBrowser();
      const setCookies = browser.write(largest);
      expect(browser.jar.names()).toEqual([`${NAME}.0`, `${NAME}.1`]);
      for (const name of browser.jar.names()) {
        expect(name.length + (browser.jar.get(name)?.length ?? 0)).toBeLessThanOrEqual(4096);
      }
      expect(setCookies.join("\r\nSet-Cookie: ").length).toBeLessThan(8192);
      expect(browser.jar.header()?.length).toBeLessThan(6100);
      expect(browser.read()).toEqual({ kind: "session", session: largest, key: expect.anything() });
    });

    it("SC-14 drops the history of renewals before anything else", () => {
      const cookie = aCookie();
      const [start] = [aSession().tokens.issuedAt];
      const issuedBefore = [1, 2, 3, 4].map((hours) => start - hours * 3_600_000);
      const user = { ...aSession().user, picture: `https://p/${"p".repeat(400)}` };
      const kept = new Set<string>();
      for (let access = 3000; access < 4000; access += 8) {
        const session = withTokens({ ...aSession(), user }, access, 50);
        const fitting = cookie.fit({ ...session, tokens: { ...session.tokens, issuedBefore } });
        if (fitting === null) continue;
        kept.add(`${fitting.tokens.issuedBefore.length} ${fitting.user.picture !== null}`);
      }
      expect([...kept].slice(0, 3)).toEqual(["4 true", "0 true", "0 false"]);
    });

    it("SC-14 drops the picture next, then shortens the name, then drops it", () => {
      const cookie = aCookie();
      const bare = { ...aSession().user, picture: null, name: "" };
      const bigUser = {
        ...aSession().user,
        name: "n".repeat(400),
        picture: `https://p/${"p".repeat(400)}`,
      };
      const fitted = [1000, 3500, 3800, 3960, 4100].map((access) => {
        const fitting = cookie.fit(withTokens({ ...aSession(), user: bigUser }, access, 50));
        return fitting && [fitting.user.name.length, fitting.user.picture !== null];
      });
      expect(fitted).toEqual([[400, true], [400, false], [100, false], [0, false], null]);
      expect(cookie.fit(withTokens({ ...aSession(), user: bare }, 3960, 50))).not.toBeNull();
    });

    it("SC-14 fits a name of 20 KB by shortening it", () => {
      const session = aSession({ user: { ...aSession().user, name: "n".repeat(20_000) } });
      expect(aCookie().fit(session)?.user).toEqual({
        ...aSession().user,
        picture: null,
        name: "n".repeat(100),
      });
    });

    it("SC-14 says so when the tokens alone are too much, and writes nothing", () => {
      const tooBig = withTokens(aSession(), 20_000);
      expect(aCookie().fit(tooBig)).toBeNull();
      expect(() => aCookie().write(tooBig, HOUR, NONE)).toThrow();
    });
  });
});

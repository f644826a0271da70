import { describe, expect, it } from "vitest";
import {
  createTransactions,
  type TransactionFound,
} from "../../../../app/auth/sign-in/transaction.server";
import { cookiePolicy, parseCookieHeader } from "../../../../app/session/cookie-header.server";
import { createSealer } from "../../../../app/session/seal.server";
import { CookieJar } from "../../../support/cookie-jar";
import { createTestClock } from "../../../support/test-clock";
import { createTestRandom } from "../../../support/test-random";

const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const MINUTE = 60_000;
const POLICY = cookiePolicy("https://app.example.com");

/** A browser, and an app whose sign-ins it takes part in. */
function aBrowser() {
  const clock = createTestClock();
  const random = createTestRandom();
  const sealer = createSealer("sign-in", [SECRET], random);
  const transactions = createTransactions({
    policy: POLICY,
    sealer,
    issuer: "https://accounts.google.com",
    clock,
    random,
  });
  const jar = new CookieJar(clock);

  const sent = () => parseCookieHeader(jar.header());
  const store = (setCookies: string[]) =>
    jar.store(new Headers(setCookies.map((value): [string, string] => ["Set-Cookie", value])));

  return {
    clock,
    jar,
    begin(returnTo = "/dashboard", consentRound = false) {
      const begun = transactions.begin({ returnTo, consentRound }, sent());
      store(begun.setCookies);
      return { ...begun.transaction, setCookies: begun.setCookies };
    },
    /** The callback; `from` is another browser whose cookies come along. */
    take(state: string | null, from = jar): TransactionFound {
      const found = transactions.take(state, parseCookieHeader(from.header()));
      store(found.setCookies);
      return found;
    },
    clear: () => store(transactions.clear(sent())),
  };
}

function errorOf(found: TransactionFound): string {
  return found.ok ? "ok" : found.error;
}

describe("createTransactions", () => {
  describe("begin", () => {
    it("SF-02 SF-03 makes a state, a nonce and a verifier that nobody can guess", () => {
      const { state, nonce, codeVerifier } = aBrowser().begin();
      expect(state).toMatch(/^[\w-]{11}\.[\w-]{43}$/);
      expect(Buffer.from(nonce, "base64url")).toHaveLength(16);
      expect(codeVerifier).toMatch(/^[\w-]{43}$/);
    });

    it("SF-02 SF-03 makes new ones for every start", () => {
      const browser = aBrowser();
      const starts = Array.from({ length: 100 }, () => browser.begin());
      const values = starts.flatMap(({ id, state, nonce, codeVerifier }) => [
        id,
        state,
        nonce,
        codeVerifier,
      ]);
      expect(new Set(values).size).toBe(400);
    });

    it("SF-05 keeps it in a sealed cookie of its own, for ten minutes", () => {
      const { id, state, nonce, codeVerifier, setCookies } = aBrowser().begin("/account?tab=2");
      expect(setCookies).toHaveLength(1);
      const [setCookie = ""] = setCookies;
      expect(setCookie.startsWith(`__Host-Http-latchkey-signin-${id}=`)).toBe(true);
      expect(setCookie).toMatch(/; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      const bytes = setCookie
        .split(/[=.;]/)
        .map((part) => Buffer.from(part, "base64url").toString("latin1"))
        .join();
      for (const secret of [state, nonce, codeVerifier, "/account"]) {
        expect(setCookie + bytes).not.toContain(secret);
      }
    });
  });

  describe("take", () => {
    it("SF-03 SF-05 finds the transaction of the state, and deletes its cookie", () => {
      const browser = aBrowser();
      const { setCookies: _, ...transaction } = browser.begin("/account", true);
      expect(browser.take(transaction.state)).toMatchObject({ ok: true, transaction });
      expect(transaction).toMatchObject({ returnTo: "/account", consentRound: true });
      expect(browser.jar.names()).toEqual([]);
    });

    it("SF-03 finds it once, even for somebody who kept the cookie", () => {
      const browser = aBrowser();
      const { state } = browser.begin();
      const copy = browser.jar.copy();
      expect(errorOf(browser.take(state))).toBe("ok");
      expect(errorOf(browser.take(state, copy))).toBe("expired");
    });

    it("FC-14 tells a cookie that never came from one that the browser has dropped by now", async () => {
      const browser = aBrowser();
      const { state } = browser.begin();
      await browser.clock.advance(10 * MINUTE - 1);
      browser.jar.clear();
      expect(browser.take(state)).toMatchObject({ cause: "transaction_missing" });
      await browser.clock.advance(1);
      expect(browser.take(state)).toMatchObject({ cause: "transaction_expired" });
    });

    it("SF-03 finds nothing in another browser", () => {
      const browser = aBrowser();
      const { state } = browser.begin();
      browser.jar.clear();
      expect(browser.take(state)).toEqual({
        ok: false,
        error: "expired",
        cause: "transaction_missing",
        transaction: null,
        setCookies: [],
      });
    });

    it("SF-03 refuses a state that only begins like the right one, and deletes the cookie", () => {
      const browser = aBrowser();
      const { id, state } = browser.begin();
      const forged = `${id}.${"A".repeat(43)}`;
      expect(errorOf(browser.take(forged))).toBe("invalid_response");
      expect(browser.jar.names()).toEqual([]);
      expect(errorOf(browser.take(state))).toBe("expired");
    });

    it.each([
      null,
      "",
      "x",
      "AAAAAAAAAAA",
      `AAAAAAAAAAA.${"A".repeat(42)}`,
      `../x.${"A".repeat(43)}`,
    ])("SF-03 refuses the state %j, and leaves the sign-ins under way alone", (state) => {
      const browser = aBrowser();
      browser.begin();
      expect(browser.take(state)).toEqual({
        ok: false,
        error: "invalid_response",
        cause: "state_unknown",
        transaction: null,
        setCookies: [],
      });
      expect(browser.jar.names()).toHaveLength(1);
    });

    it.each([
      [0, "ok"],
      [10 * MINUTE - 1, "ok"],
      [10 * MINUTE, "expired"],
      [60 * MINUTE, "expired"],
      [-5 * MINUTE, "ok"],
      [-5 * MINUTE - 1, "expired"],
    ])("SF-05 PF-17 judges a start %i ms ago by the server’s clock", (age, verdict) => {
      const browser = aBrowser();
      const { id, state } = browser.begin();
      const name = `${POLICY.name}-signin-${id}`;
      const kept = browser.jar.get(name) ?? "";
      browser.clock.set(browser.clock.now() + age);
      browser.jar.set(name, kept);
      expect(errorOf(browser.take(state))).toBe(verdict);
      expect(browser.jar.names()).toEqual([]);
    });

    it("SC-04 SF-05 refuses and deletes a cookie that isn’t a sign-in’s", () => {
      const random = createTestRandom();
      const sealed = createSealer("sign-in", [SECRET], random);
      const values = [
        "rubbish",
        createSealer("session", [SECRET], random).seal("{}"),
        sealed.seal("{}"),
        sealed.seal("null"),
      ];
      for (const value of values) {
        const browser = aBrowser();
        const { id, state } = browser.begin();
        browser.jar.set(`${POLICY.name}-signin-${id}`, value);
        expect(errorOf(browser.take(state))).toBe("expired");
        expect(browser.jar.names()).toEqual([]);
      }
    });

    it("SF-03 refuses one tab’s cookie under another’s name", () => {
      const browser = aBrowser();
      const [first, second] = [browser.begin(), browser.begin()];
      const value = browser.jar.get(`${POLICY.name}-signin-${first.id}`) ?? "";
      browser.jar.set(`${POLICY.name}-signin-${second.id}`, value);
      expect(errorOf(browser.take(second.state))).toBe("invalid_response");
    });
  });

  describe("several sign-ins at once", () => {
    it("SF-06 lets two tabs finish, in either order", () => {
      const browser = aBrowser();
      const [first, second, third] = [
        browser.begin("/a"),
        browser.begin("/b"),
        browser.begin("/c"),
      ];
      for (const tab of [second, first, third]) {
        const found = browser.take(tab.state);
        expect(found.ok && found.transaction.returnTo).toBe(tab.returnTo);
      }
    });

    it("SF-06 keeps the newest few of fifty starts, within 2000 bytes", async () => {
      const browser = aBrowser();
      const states: string[] = [];
      for (let start = 0; start < 50; start++) {
        await browser.clock.advance(1000);
        states.push(browser.begin().state);
        expect(browser.jar.header()?.length).toBeLessThanOrEqual(2000);
      }
      expect(browser.jar.names()).toHaveLength(3);
      const verdicts = states.slice(-4).map((state) => errorOf(browser.take(state)));
      expect(verdicts).toEqual(["expired", "ok", "ok", "ok"]);
    });

    it("SF-06 SC-12 keeps to 2000 bytes when the pages to return to have long addresses", async () => {
      const browser = aBrowser();
      for (let start = 0; start < 10; start++) {
        await browser.clock.advance(1000);
        const { state } = browser.begin(`/${"p".repeat(1023)}`);
        expect(browser.jar.header()?.length).toBeLessThanOrEqual(2000);
        expect(browser.jar.names()).toHaveLength(1);
        if (start === 9) expect(errorOf(browser.take(state))).toBe("ok");
      }
    });

    it("SF-06 drops what is too old or can’t be read, before anything else", async () => {
      const browser = aBrowser();
      const old = browser.begin();
      const kept = browser.jar.get(`${POLICY.name}-signin-${old.id}`) ?? "";
      await browser.clock.advance(11 * MINUTE);
      browser.jar.set(`${POLICY.name}-signin-${old.id}`, kept);
      browser.jar.set(`${POLICY.name}-signin-rubbish`, "x");
      const { id } = browser.begin();
      expect(browser.jar.names()).toEqual([`${POLICY.name}-signin-${id}`]);
    });

    it("SO-03 drops them all when somebody signs out, and nothing else", () => {
      const browser = aBrowser();
      browser.begin();
      browser.begin();
      browser.jar.set(POLICY.name, "session");
      browser.clear();
      expect(browser.jar.names()).toEqual([POLICY.name]);
    });
  });
});

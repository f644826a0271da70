import { describe, expect, it } from "vitest";
import { cookiePolicy, parseCookieHeader } from "../../../app/session/cookie-header.server";
import { END_REASONS } from "../../../app/session/end-reason";
import { createLoginHints } from "../../../app/session/login-hint.server";
import { createSealer } from "../../../app/session/seal.server";
import { aSession } from "../../support/session-fixture";
import { createTestRandom } from "../../support/test-random";

const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const POLICY = cookiePolicy("https://app.example.com");
const NAME = `${POLICY.name}-hint`;
const { user } = aSession();

const random = createTestRandom();
const hints = createLoginHints(POLICY, createSealer("login-hint", [SECRET], random), user.issuer);

describe("createLoginHints", () => {
  it("TR-09 remembers who it was for ten minutes, unreadably", () => {
    const [setCookie = ""] = hints.remember(user, "grant_revoked");
    expect(setCookie.startsWith(`${NAME}=`)).toBe(true);
    expect(setCookie).toMatch(/; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(setCookie).not.toContain(user.id);
    const sent = parseCookieHeader(setCookie.split(";")[0] ?? "");
    expect(hints.read(sent)).toBe(user.id);
    expect(hints.clear(sent)).toEqual([
      `${NAME}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ]);
  });

  it("remembers nobody who signed out, or whose session somebody ended", () => {
    const remembered = END_REASONS.filter((reason) => hints.remember(user, reason).length > 0);
    expect(remembered).toEqual(["idle", "absolute", "grant_revoked", "reauth_required"]);
  });

  it("SC-04 believes no cookie but its own", () => {
    const session = createSealer("session", [SECRET], random).seal(user.id);
    for (const value of ["", user.id, session]) {
      expect(hints.read(new Map([[NAME, [value]]]))).toBeNull();
    }
    expect(hints.read(new Map())).toBeNull();
    expect(hints.clear(new Map())).toEqual([]);
  });
});

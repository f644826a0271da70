import { describe, expect, it } from "vitest";
import { FEATURES, featuresOf, parseScopes, SIGN_IN_SCOPES } from "../../../app/google/scopes";

const EMAIL = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE = "https://www.googleapis.com/auth/userinfo.profile";
const CALENDAR = "https://www.googleapis.com/auth/calendar.events";

describe("parseScopes", () => {
  it.each([
    ["as asked for", "openid email profile"],
    ["in another order", "profile openid email"],
    ["under Google's names", `${EMAIL} ${PROFILE} openid`],
    ["under both names", `openid email ${EMAIL} profile ${PROFILE}`],
    ["with too many spaces", " openid  email profile "],
  ])("DA-01 PF-20 reads scopes %s alike", (_how, scope) => {
    expect(parseScopes(scope)).toEqual(["email", "openid", "profile"]);
  });

  it("DA-01 PF-20 keeps a smaller list small, and unknown scopes as they are", () => {
    expect(parseScopes("openid")).toEqual(["openid"]);
    expect(parseScopes(`openid ${CALENDAR}`)).toEqual([CALENDAR, "openid"].sort());
    expect(parseScopes("")).toEqual([]);
    expect(parseScopes("constructor")).toEqual(["constructor"]);
  });
});

describe("featuresOf", () => {
  it("DA-01 allows a feature when its scope was granted", () => {
    expect(featuresOf(["openid", CALENDAR])).toEqual(["calendar"]);
  });

  it("DA-01 allows none without its scope, nor with one that only looks like it", () => {
    expect(featuresOf(["openid", "email", "profile"])).toEqual([]);
    expect(featuresOf([`${CALENDAR}.readonly`, "calendar"])).toEqual([]);
  });
});

describe("FEATURES", () => {
  it.each(Object.entries(FEATURES))("DA-15 names the origins of APIs of Google’s: %s", (_, row) => {
    expect(row.apis.length).toBeGreaterThan(0);
    for (const api of row.apis) {
      expect(new URL(api).origin).toBe(api);
      expect(api).toMatch(/^https:\/\/[a-z\d-]+(\.[a-z\d-]+)*\.googleapis\.com$/);
    }
  });
});

describe("SIGN_IN_SCOPES", () => {
  it("DA-05 are openid, email and profile, and nothing more", () => {
    expect(SIGN_IN_SCOPES).toEqual(["openid", "email", "profile"]);
  });
});

import { describe, expect, it } from "vitest";
import {
  FEATURES,
  type FeatureNeeds,
  parseScopes,
  SIGN_IN_SCOPES,
} from "../../../app/google/scopes";

const EMAIL = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE = "https://www.googleapis.com/auth/userinfo.profile";
const CALENDAR = "https://www.googleapis.com/auth/calendar.events";

describe("parseScopes", () => {
  it.each([
    ["as asked for", "openid email profile"],
    ["in another order", "profile openid email"],
    ["under Google’s names", `${EMAIL} ${PROFILE} openid`],
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

describe("FEATURES", () => {
  it("DA-15 name the origins of APIs of Google’s", () => {
    const rows: Record<string, FeatureNeeds> = FEATURES;
    for (const row of Object.values(rows)) {
      expect(row.apis.length).toBeGreaterThan(0);
      for (const api of row.apis) {
        expect(new URL(api).origin).toBe(api);
        expect(api).toMatch(/^https:\/\/[a-z\d-]+(\.[a-z\d-]+)*\.googleapis\.com$/);
      }
    }
  });
});

describe("SIGN_IN_SCOPES", () => {
  it("DA-05 are openid, email and profile, and nothing more", () => {
    expect(SIGN_IN_SCOPES).toEqual(["openid", "email", "profile"]);
  });
});

import { describe, expect, it } from "vitest";
import { featuresOf } from "../../../app/google/scopes";

const CALENDAR = "https://www.googleapis.com/auth/calendar.events";

describe("featuresOf", () => {
  it("DA-01 allows a feature when its scope was granted", () => {
    expect(featuresOf(["openid", CALENDAR])).toEqual(["calendar"]);
  });

  it("DA-01 allows none without its scope, nor with one that only looks like it", () => {
    expect(featuresOf(["openid", "email", "profile"])).toEqual([]);
    expect(featuresOf([`${CALENDAR}.readonly`, "calendar"])).toEqual([]);
  });
});

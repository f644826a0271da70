import { describe, expect, it } from "vitest";
import { parseReport, parseTabMessage } from "../../../app/client/session-report";
import { ADA, NOW, SIGNED_OUT, signedIn } from "./session-samples";

const IN = signedIn(ADA);

describe("an answer of /api/session", () => {
  it.each([
    IN,
    { ...IN, features: ["calendar"] },
    SIGNED_OUT,
    { ...SIGNED_OUT, reason: "idle" },
    { ...SIGNED_OUT, reason: "one that a newer server knows" },
  ])("is known as such: %j", (report) => {
    expect(parseReport(report)).toBe(report);
  });

  it.each([
    null,
    undefined,
    "<!doctype html>",
    {},
    { status: "fine" },
    { status: "unauthenticated" },
    { status: "unauthenticated", reason: 1 },
    { ...IN, user: null },
    { ...IN, user: { ...ADA, name: 1 } },
    { ...IN, user: { ...ADA, picture: undefined } },
    { ...IN, expiresAt: "soon" },
    { ...IN, expiresAt: Number.NaN },
    { ...IN, accessTokenExpiresAt: undefined },
    { ...IN, features: "calendar" },
    { ...IN, features: [1] },
  ])("is nothing else: %j", (value) => {
    expect(parseReport(value)).toBeNull();
  });
});

describe("a message of another tab", () => {
  const message = { report: IN, final: false, now: NOW, askedAt: NOW };

  it("CS-07 is believed to be one when it has this shape", () => {
    expect(parseTabMessage(message)).toBe(message);
  });

  it.each([
    null,
    "sign out",
    IN,
    { ...message, final: undefined },
    { ...message, askedAt: "now" },
    { ...message, now: undefined },
    { ...message, report: { status: "unauthenticated" } },
  ])("CS-07 is dropped when it has another: %j", (value) => {
    expect(parseTabMessage(value)).toBeNull();
  });
});

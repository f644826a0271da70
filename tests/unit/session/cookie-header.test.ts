import { describe, expect, it } from "vitest";
import {
  cookiePolicy,
  deleteCookie,
  parseCookieHeader,
  setCookie,
} from "../../../app/session/cookie-header.server";

const HTTPS = cookiePolicy("https://app.example.com");
const HTTP = cookiePolicy("http://localhost:3000");

describe("parseCookieHeader", () => {
  it.each<[string | null, [string, string[]][]]>([
    [null, []],
    ["", []],
    ["a=1", [["a", ["1"]]]],
    [
      "a=1; b=2",
      [
        ["a", ["1"]],
        ["b", ["2"]],
      ],
    ],
    [
      " a = 1 ;b=2;; ",
      [
        ["a", ["1"]],
        ["b", ["2"]],
      ],
    ],
    ["a=1=2==", [["a", ["1=2=="]]]],
    ["a=", [["a", [""]]]],
    ["a", []],
    ["=1", [["", ["1"]]]],
    [
      "__proto__=1; constructor=2",
      [
        ["__proto__", ["1"]],
        ["constructor", ["2"]],
      ],
    ],
  ])("reads %j", (header, cookies) => {
    expect([...parseCookieHeader(header)]).toEqual(cookies);
  });

  it("FA-1 takes each pair once, however often its name comes", () => {
    const values = parseCookieHeader("=;".repeat(30_000)).get("") ?? [];
    expect(values).toHaveLength(30_000);
  });

  it("SC-17 keeps both values of a name that comes twice", () => {
    expect(parseCookieHeader("n=a; m=x; n=b").get("n")).toEqual(["a", "b"]);
  });
});

describe("setCookie", () => {
  it("SC-01 sets a cookie for this very host only, which no script can read", () => {
    expect(setCookie(HTTPS, HTTPS.name, "value", 90_500)).toBe(
      "__Host-Http-latchkey=value; Max-Age=90; Path=/; HttpOnly; Secure; SameSite=Lax",
    );
  });

  it("has no prefix and no Secure on plain http, which there is on loopback only", () => {
    expect(setCookie(HTTP, HTTP.name, "value", 60_000)).toBe(
      "latchkey-3000=value; Max-Age=60; Path=/; HttpOnly; SameSite=Lax",
    );
  });

  it("never writes a negative age", () => {
    expect(setCookie(HTTP, "n", "v", -5000)).toContain("Max-Age=0;");
  });
});

describe("deleteCookie", () => {
  it("SC-01 deletes with the same attributes that set, or browsers keep the old one", () => {
    expect(deleteCookie(HTTPS, `${HTTPS.name}.1`)).toBe(
      "__Host-Http-latchkey.1=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax",
    );
  });
});

import { describe, expect, it } from "vitest";
import { saysPlainHttp } from "../../../app/http/plain-http.server";

describe("the scheme that a client came by", () => {
  it.each([
    ["nobody’s proxy", "http", 0, false],
    ["no header", undefined, 1, false],
    ["one proxy over http", "http", 1, true],
    ["one proxy over https", "https", 1, false],
    ["a client that lies to one proxy that appends", "https, http", 1, true],
    ["a client that lies to two that append", "https, http, https", 2, true],
    ["two proxies, of which the inner hands on what it got", "http", 2, true],
    ["letters and spaces as they come", " HTTP ", 1, true],
    ["something else altogether", "wss", 1, false],
    ["an empty header", "", 1, false],
  ])("HC-13 is what our outermost proxy says: %s", (_, header, hops, expected) => {
    expect(saysPlainHttp(header, hops)).toBe(expected);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loginPath, parseReturnTo, returnToOf } from "../../../../app/auth/sign-in/return-to";
import { goodReturnPaths, hostileReturnPaths } from "./return-to-payloads";

const APP = "https://app.example";
const CALLBACK = `${APP}/auth/google/callback?code=c&state=s`;
const FALLBACK = "/dashboard";

/** Fails unless a browser that is sent to `path` stays in the app, however often it is decoded. */
function expectToStay(path: string) {
  expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
  expect(path.length).toBeLessThanOrEqual(1024);
  expect(new URL(path, CALLBACK).origin).toBe(APP);
  expect(new URL(path, APP).href).toBe(APP + path);
  const decoded = decodeURIComponent(path.replace(/\?.*$/s, ""));
  expect(new URL(decoded, CALLBACK).origin).toBe(APP);
  expect(decoded).not.toMatch(/[\\%]|\/\//);
}

describe("parseReturnTo", () => {
  it.each(Object.entries(hostileReturnPaths))(
    "SF-15 gives the safe default for %s",
    (_trick, values) => {
      for (const value of values) {
        expect(parseReturnTo(value), JSON.stringify(value)).toBe(FALLBACK);
      }
    },
  );

  it("SF-15 is tried with at least 150 hostile values, none written twice", () => {
    const values = Object.values(hostileReturnPaths).flat();
    expect(values.length).toBeGreaterThanOrEqual(150);
    expect(new Set(values).size).toBe(values.length);
  });

  it.each(goodReturnPaths)("SF-15 lets the page %s survive with its query", (path) => {
    expect(parseReturnTo(path)).toBe(path);
    expectToStay(path);
  });

  it("SF-15 decodes no more than the query parser did", () => {
    const query = new URLSearchParams("returnTo=%2Fagenda%3Fq%3Da%252520b");
    expect(parseReturnTo(query.get("returnTo"))).toBe("/agenda?q=a%2520b");
    expect(parseReturnTo("%2Fagenda")).toBe(FALLBACK);
  });

  it("drops the fragment", () => {
    expect(parseReturnTo("/agenda?from=2026-01-01#//evil.example")).toBe("/agenda?from=2026-01-01");
    expect(parseReturnTo("/agenda#?from=2026-01-01")).toBe("/agenda");
  });

  it("encodes raw spaces and letters of other scripts, for the Location header", () => {
    expect(parseReturnTo("/événements/mai?q=日本 1")).toBe(
      "/%C3%A9v%C3%A9nements/mai?q=%E6%97%A5%E6%9C%AC%201",
    );
  });

  it("gives the caller’s own fallback when there is one", () => {
    expect(parseReturnTo("//evil.example", "/")).toBe("/");
    expect(parseReturnTo(null, "/account")).toBe("/account");
  });

  it("SF-15 takes 1024 characters, not 1025, and counts them after encoding", () => {
    const longest = `/agenda?q=${"a".repeat(1014)}`;
    expect(parseReturnTo(longest)).toBe(longest);
    expect(parseReturnTo(`${longest}a`)).toBe(FALLBACK);
    expect(parseReturnTo(`/agenda?q=${"é".repeat(300)}`)).toBe(FALLBACK);
  });

  it("SF-15 keeps any text whatever in the app (property)", () => {
    const anyText = fc.oneof(fc.string({ unit: "binary" }), textOfDangerousParts, fc.webUrl());
    fc.assert(
      fc.property(anyText, (text) => expectToStay(parseReturnTo(text))),
      { numRuns: 2000 },
    );
  });

  it("changes nothing the second time (property)", () => {
    fc.assert(
      fc.property(fc.oneof(textOfDangerousParts, pagePath), (text) => {
        const once = parseReturnTo(text);
        expect(parseReturnTo(once)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });

  it("lets every plain path with any query survive (property)", () => {
    fc.assert(
      fc.property(pagePath, (path) => {
        expect(parseReturnTo(path)).toBe(path);
      }),
    );
  });
});

describe("returnToOf", () => {
  it.each([
    ["/agenda?from=2026-01-01&q=a%20b", "/agenda?from=2026-01-01&q=a%20b"],
    ["/agenda.data?from=2026-01-01", "/agenda?from=2026-01-01"],
    ["/_root.data", "/"],
    ["/_root.data?index&_routes=routes%2Fhome", "/"],
    ["/agenda.data?_routes=routes%2Fagenda&q=a%20b&q=c+d", "/agenda?q=a%20b&q=c+d"],
    ["/agenda?_data=routes%2Fagenda", "/agenda"],
    ["/agenda?%5Fdata=routes%2Fagenda", "/agenda"],
    ["/agenda?index&q=1", "/agenda?q=1"],
    ["/agenda?index=&index=3", "/agenda?index=&index=3"],
    ["/agenda?", "/agenda"],
    ["/", "/"],
  ])("for a request of %s is %s", (requested, returnTo) => {
    expect(returnToOf(new URL(requested, APP))).toBe(returnTo);
  });

  it.each(["//evil.example/", "/x/..//evil.example", "/login", "/api/me"])(
    "is the fallback for a request of %s, so that it is always safe to redirect to",
    (requested) => {
      expect(returnToOf(new URL(APP + requested))).toBe(FALLBACK);
    },
  );
});

describe("loginPath", () => {
  it("is the bare page when there is nothing to say", () => {
    expect(loginPath()).toBe("/login");
    expect(loginPath({ returnTo: undefined, reason: null, error: "" })).toBe("/login");
  });

  it("says each part that it was given, the default return path too", () => {
    expect(loginPath({ returnTo: "/dashboard" })).toBe("/login?returnTo=%2Fdashboard");
    expect(loginPath({ error: "cancelled" })).toBe("/login?error=cancelled");
    expect(loginPath({ error: "expired", reason: "idle", returnTo: "/" })).toBe(
      "/login?returnTo=%2F&reason=idle&error=expired",
    );
  });

  it("encodes what it is given, so that the query parser gives it back", () => {
    const returnTo = "/agenda?q=a%20b&error=x";
    const login = new URL(loginPath({ returnTo, reason: "a&b" }), APP);
    expect([...login.searchParams]).toEqual([
      ["returnTo", returnTo],
      ["reason", "a&b"],
    ]);
  });
});

const dangerousParts = ["/", "\\", ".", "..", "@", ":", "?", "#", "\t", "\n", " ", "%2f", "%5C"];
const moreDangerousParts = [
  "%2e",
  "%25",
  "%",
  "//",
  "evil.example",
  "https:",
  "x",
  "é",
  "\uff0f",
  "\u3000",
];

/** Texts put together from the parts that redirects are attacked with. */
const textOfDangerousParts = fc
  .array(fc.constantFrom(...dangerousParts, ...moreDangerousParts), { maxLength: 12 })
  .map((parts) => `/${parts.join("")}`);

const segment = fc
  .string({ unit: fc.constantFrom(..."abzAZ09 -_~éßд日"), minLength: 1, maxLength: 12 })
  .map((text) => encodeURIComponent(text));

const pagePath = fc
  .tuple(
    fc.array(segment, { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 8, unit: "grapheme" }), fc.string({ maxLength: 8 }), {
      maxKeys: 4,
    }),
  )
  .map(([segments, query]) => {
    const search = new URLSearchParams(Object.entries(query)).toString();
    return `/${["pages", ...segments].join("/")}${search === "" ? "" : `?${search}`}`;
  });

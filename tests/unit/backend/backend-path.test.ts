import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backendPath } from "../../../app/backend/backend-path";

const ORIGIN = "https://api.example.com";

describe("backendPath", () => {
  it.each([
    ["/api/backend", "/"],
    ["/api/backend/", "/"],
    ["/api/backend/notes", "/notes"],
    ["/api/backend/notes/", "/notes/"],
    ["/api/backend/api/user", "/api/user"],
    ["/api/backend/notes.data", "/notes.data"],
    ["/api/backend/caf%C3%A9/100%25", "/caf%C3%A9/100%25"],
    ["/api/backend/a..b/...", "/a..b/..."],
  ])("takes %s to %s", (pathname, path) => {
    expect(backendPath(pathname)).toBe(path);
  });

  it.each([
    ["/api/backendx/notes"],
    ["/api/backend//evil.example"],
    ["/api/backend/a//b"],
    ["/api/backend/../x"],
    ["/api/backend/%2e%2e/x"],
    ["/api/backend/.%2E/x"],
    ["/api/backend/%252e%252e/x"],
    ["/api/backend/%25252e%25252e/x"],
    ["/api/backend/..;/x"],
    ["/api/backend/..%3bx/x"],
    ["/api/backend/a%2fb"],
    ["/api/backend/a%5cb"],
    ["/api/backend/a\\b"],
    ["/api/backend/%00"],
    ["/api/backend/a%0d%0ab"],
    ["/api/backend/https://evil.example/"],
    ["/other"],
  ])("refuses %s", (pathname) => {
    expect(backendPath(pathname)).toBeNull();
  });

  it("never leaves the backend, whatever is written behind it", () => {
    const piece = fc.oneof(
      fc.constantFrom("..", ".", "/", "//", "\\", "%2e", "%2f", "%5c", "%25", ";", "@", ":", "a"),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = backendPath(`/api/backend/${pieces.join("")}`);
        if (path === null || !URL.canParse(ORIGIN + path)) return;
        expect(new URL(ORIGIN + path).origin).toBe(ORIGIN);
        expect(new URL(ORIGIN + path).pathname.startsWith("//")).toBe(false);
      }),
    );
  });
});

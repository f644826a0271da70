import { describe, expect, it } from "vitest";
import { clearOwnCookies } from "../../../app/http/header-budget.server";
import { cookiePolicy } from "../../../app/session/cookie-header.server";

const policy = cookiePolicy("https://app.example.com");

function namesCleared(cookies: Record<string, string>): string[] {
  const sent = new Map(Object.entries(cookies).map(([name, value]) => [name, [value]]));
  return clearOwnCookies(policy, sent).map((cookie) => {
    expect(cookie).toContain("=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax");
    return cookie.slice(0, cookie.indexOf("="));
  });
}

describe("the cookies that are cleared when a browser sends too many", () => {
  it("HC-12 are this app's, by their names, and nobody else's", () => {
    const own = ["", ".0", ".12", "-hint", "-signin-a_b-C"].map((end) => policy.name + end);
    const others = [
      "theme",
      `x${policy.name}`,
      `${policy.name}x`,
      `${policy.name}.x`,
      `${policy.name}-a b`,
      `${policy.name}-a;Domain=example.com`,
    ];
    const cookies = Object.fromEntries([...own, ...others].map((name) => [name, "v"]));
    expect(namesCleared(cookies).sort()).toEqual(own.sort());
  });

  it("HC-12 are the thirty largest of very many: an answer has to pass proxies too", () => {
    const many = Array.from({ length: 100 }, (_, i): [string, string] => [
      `${policy.name}-signin-${i}`,
      "v".repeat(i),
    ]);
    const cleared = namesCleared(Object.fromEntries(many));
    expect(cleared).toHaveLength(30);
    expect(cleared).toContain(`${policy.name}-signin-99`);
    expect(cleared).not.toContain(`${policy.name}-signin-1`);
  });
});

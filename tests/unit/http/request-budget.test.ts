import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import type { PipelineEnv } from "../../../app/http/pipeline-env";
import { clearOwnCookies, pathFault, requestBudget } from "../../../app/http/request-budget.server";
import { cookiePolicy } from "../../../app/session/cookie-header.server";

const policy = cookiePolicy("https://app.example.com");

function namesCleared(cookies: Record<string, string>): string[] {
  const sent = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
  return clearOwnCookies(policy, sent.join("; ")).map((cookie) => {
    expect(cookie).toContain("=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax");
    return cookie.slice(0, cookie.indexOf("="));
  });
}

describe("the cookies that are cleared when a browser sends too many", () => {
  it("HC-12 are this app’s, by their names, and nobody else’s", () => {
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

describe("an address", () => {
  it.each([
    ["/", null],
    ["/login/", null],
    ["/a".repeat(64), null],
    [`/${"a".repeat(2047)}`, null],
    ["/dashboard/%E5%B1%B1%2Fx", null],
    [`/${"a".repeat(2048)}`, "too_long"],
    ["/".repeat(2049), "too_long"],
    ["/a".repeat(65), "nowhere"],
    ["/%", "malformed"],
    ["/%ff", "malformed"],
  ])("FA-2 is judged by its length and its segments, before it is read: %s", (path, fault) => {
    expect(pathFault(path)).toBe(fault);
  });
});

describe("a request", () => {
  const app = new Hono<PipelineEnv>();
  app.use(async (context, next) => {
    const none = () => undefined;
    const log = { debug: none, info: none, warn: none, error: none, child: () => log };
    context.set("log", log);
    await next();
  });
  app.use(requestBudget(policy));
  app.get("*", (context) => context.text("reached"));
  const statusOf = async (path: string, headers: Record<string, string> = {}) =>
    (await app.request(path, { headers })).status;
  const cookies = (count: number) => ({ Cookie: Array(count).fill("a=b").join(";") });

  it("FA-1 brings as many cookies as a browser keeps of one site, and no more", async () => {
    expect(await statusOf("/", cookies(180))).toBe(200);
    expect(await statusOf("/", cookies(202))).toBe(431);
  });

  it("FA-4 has as many parameters as anybody needs, and no more", async () => {
    expect(await statusOf(`/login?${"a=b&".repeat(127)}a=b`)).toBe(200);
    expect(await statusOf(`/login?${"a=b&".repeat(129)}a=b`)).toBe(414);
  });

  it("HC-12 has 16 KB of headers at most", async () => {
    expect(await statusOf("/", { X: "x".repeat(16_000) })).toBe(200);
    expect(await statusOf("/", { X: "x".repeat(16_384) })).toBe(431);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBuiltRoutes } from "../support/built-app";
import { PUBLIC_ROUTES } from "../support/public-routes";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

describe("somebody who isn’t signed in", () => {
  it("DA-09 is sent to sign-in by every loader and action of a page that isn’t public, each on its own", async () => {
    const { routes } = await loadBuiltRoutes();
    const guarded = Object.values(routes).filter((route) => route && !PUBLIC_ROUTES.has(route.id));
    expect(guarded.length).toBeGreaterThan(2);
    for (const route of guarded) {
      const path = pathOf(routes, route?.id ?? "");
      const requests = [
        app.visitor().get(path),
        app.visitor().get(`${path}?_data=${encodeURIComponent(route?.id ?? "")}`),
        app.visitor().post(path, { intent: "x" }),
      ];
      for (const answer of await Promise.all(requests)) {
        const location = answer.headers.get("Location") ?? answer.headers.get("X-Remix-Redirect");
        expect(location, `${route?.id} ${answer.status}`).toMatch(/^\/login\?returnTo=/);
      }
      // Of these two each runs this route’s loader, or its action, and nothing else.
      const alone = [
        app.visitor().get(`${path}.data?_routes=${encodeURIComponent(route?.id ?? "")}`),
      ];
      if (route?.module.action) {
        alone.push(app.visitor().post(`${path}.data${route.index ? "?index" : ""}`));
      }
      for (const answer of await Promise.all(alone)) {
        expect(answer.status, route?.id).toBe(202);
        expect(await answer.text()).toContain("/login?returnTo=");
      }
    }
  });

  it("leads a document to sign-in and back to path and query", async () => {
    const answer = await app.visitor().get("/dashboard?from=2026-01-01&q=a%20b");
    expect(answer.status).toBe(302);
    expect(locationOf(answer)).toBe(
      "/login?returnTo=%2Fdashboard%3Ffrom%3D2026-01-01%26q%3Da%2520b",
    );
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it.each([
    "x=1&y=a%20b",
    "y=a+b&z=%2B",
    "a&b=&=c&&d==&",
    "q=%E5%B1%B1%7e~*'()!&i[]=1&j=%5b%5D",
    "index=2&_routesx=1&first=_routes",
  ])("FB-8 remembers the query byte for byte: ?%s", async (query) => {
    const asCame = new URL(`/dashboard?${query}`, app.origin).search;
    const visitor = app.visitor();
    const returnTo = (location: string) =>
      new URL(location, app.origin).searchParams.get("returnTo");
    for (const path of ["/dashboard", "/account"]) {
      for (const own of ["", "index&", `_routes=routes%2F${path.slice(1)}&`]) {
        const page = await visitor.get(`${path}?${own}${query}`);
        expect(returnTo(locationOf(page)), own).toBe(path + asCame);
        const posted = await visitor.post(`${path}?${own}${query}`);
        expect(returnTo(locationOf(posted)), own).toBe(path + asCame);
        const data = await visitor.get(`${path}.data?${own}${query}`);
        const [, location = ""] = /"(\/login\?[^"]+)"/.exec(await data.text()) ?? [];
        expect(returnTo(location), own).toBe(path + asCame);
      }
    }
    expect(locationOf(await visitor.signIn({ returnTo: `/account${asCame}` }))).toBe(
      `/account${asCame}`,
    );
  });

  it("leads a data request to the same place, by Remix’s own kind of redirect", async () => {
    const answer = await app.visitor().get("/dashboard.data?from=1");
    expect(answer.status).toBe(202);
    expect(await answer.text()).toContain("/login?returnTo=%2Fdashboard%3Ffrom%3D1");
  });

  it("keeps deep links through sign-in", async () => {
    const visitor = app.visitor();
    const login = new URL(locationOf(await visitor.get("/account?tab=a%26b")), app.origin);
    const returnTo = login.searchParams.get("returnTo") ?? "";
    expect(locationOf(await visitor.signIn({ returnTo }))).toBe("/account?tab=a%26b");
  });

  it("CS-01 CS-03 is told so by /api/session: 200, JSON, for no cache", async () => {
    const answer = await app.visitor().get("/api/session");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toMatch(/^application\/json/);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(await answer.json()).toEqual({ status: "unauthenticated", reason: null });
  });
});

describe("somebody who is signed in", () => {
  it("CS-01 is shown by /api/session with these fields and no other", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const session = await visitor.session();
    expect(Object.keys(session).sort()).toEqual([
      "accessTokenExpiresAt",
      "expiresAt",
      "features",
      "status",
      "user",
    ]);
    if (session.status !== "authenticated") throw new Error();
    expect(Object.keys(session.user).sort()).toEqual(["email", "id", "name", "picture"]);
  });

  it("CS-06 doesn’t extend the idle limit by asking for /api/session", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const before = await visitor.session();
    await app.clock.advance(20 * 60_000);
    const answer = await visitor.get("/api/session");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await answer.json()).toEqual(before);
  });

  it("is sent on from the sign-in page to where they wanted to go", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    expect(locationOf(await visitor.get("/login?returnTo=%2Faccount"))).toBe("/account");
    expect(locationOf(await visitor.get("/login?returnTo=https%3A%2F%2Fevil.example"))).toBe(
      "/dashboard",
    );
  });

  it("gets a page, not a 500, for bad forms and addresses", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    const answers = await Promise.all([
      visitor.request("/auth/google", {
        method: "POST",
        body: "{not a form",
        headers: { "Content-Type": "application/json" },
      }),
      visitor.request("/auth/google", {
        method: "POST",
        body: "--x\r\nbroken",
        headers: { "Content-Type": "multipart/form-data; boundary=x" },
      }),
      visitor.post("/auth/google", { returnTo: "https://evil.example", scope: "nonsense" }),
      visitor.get("/auth/google/callback"),
      visitor.get("/auth/google/callback?state=%00&code=%ff"),
      visitor.get("/%E0%A4%A"),
      visitor.get("/login?error=constructor&reason=__proto__"),
      visitor.post("/dashboard", {}),
      visitor.request("/", { method: "PUT", body: "x" }),
    ]);
    for (const answer of answers) expect(answer.status).toBeLessThan(500);
  });
});

function pathOf(routes: Awaited<ReturnType<typeof loadBuiltRoutes>>["routes"], id: string): string {
  const route = routes[id];
  if (!route) return "";
  const parent = route.parentId ? pathOf(routes, route.parentId) : "";
  return route.path ? `${parent}/${route.path}` : parent;
}

import { readdirSync } from "node:fs";
import { beforeEach, expect, it } from "vitest";
import { loadBuiltRoutes } from "../support/built-app";
import { describeOnSqlite } from "../support/databases";
import { startTestApp, type TestApp } from "../support/test-app";

/** Every address of the app, and queries that ask for a change in vain. */
async function addresses(): Promise<string[]> {
  const { routes } = await loadBuiltRoutes();
  const paths = Object.values(routes).flatMap((route) =>
    route?.path && route.path !== "*" ? [`/${route.path}`] : [],
  );
  expect(paths.length).toBeGreaterThan(12);
  return [
    "/",
    "/_root.data",
    ...paths,
    ...paths.map((path) => `${path}.data`),
    "/account?intent=delete-account&confirm=yes",
    "/account?_data=routes%2Faccount&intent=end-all-sessions",
    "/logout?_data=routes%2Flogout",
    "/logout?_method=POST",
    "/auth/google?returnTo=%2Faccount&scope=calendar",
    "/auth/google/callback?code=made-up&state=made-up",
    "/auth/google/callback?error=access_denied",
    "/login?error=access_denied&reason=signed_out",
    "/csp-reports",
    "/no-such-page",
    "/api/backend/things",
    "/favicon.svg",
    `/assets/${readdirSync("build/client/assets")[0]}`,
  ];
}

describeOnSqlite("GET and HEAD", (database) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp({ store: await database.open(), clientDirectory: "build/client" });
    return () => app.google.stop();
  });

  it("HC-08 change nothing, wherever they go: no cookie, nothing in the store, nothing at Google", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    await visitor.startSignIn("/account");
    const cookies = visitor.jar.header();
    const stored = await database.dump();
    app.google.calls.clear();
    for (const path of await addresses()) {
      for (const method of ["GET", "HEAD"]) {
        const headers = { "X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE" };
        const answer = await visitor.request(path, { method, headers });
        await answer.body?.cancel();
        expect(answer.headers.getSetCookie(), `${method} ${path}`).toEqual([]);
        expect(visitor.jar.header()).toBe(cookies);
      }
    }
    expect(await database.dump()).toBe(stored);
    expect(app.google.calls.list().filter(({ method }) => method !== "GET")).toEqual([]);
    expect((await visitor.session()).status).toBe("authenticated");
  });
});

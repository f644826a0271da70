import type { ServerBuild } from "@remix-run/node";
import { defer, redirect } from "@remix-run/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoaderArgs } from "../../app/auth/require-user.server";
import { startTestApp, type TestApp } from "../support/test-app";

/**
 * Routes of every kind that Remix answers with, each behind `requireUser`. They exist in this test
 * only; the rest is the production build.
 */
function withTestRoutes(build: ServerBuild): ServerBuild {
  const requireUser = requireUserOf(build);
  const guarded = async (args: LoaderArgs) => {
    await requireUser(args);
    return { ok: true };
  };
  const page = () => null;
  const modules = {
    "kind/document": { loader: guarded, default: page },
    "kind/parent": { loader: guarded, default: page },
    "kind/redirect": {
      loader: async (args: LoaderArgs) => {
        await guarded(args);
        return redirect("/");
      },
      default: page,
    },
    "kind/thrown-redirect": {
      loader: async (args: LoaderArgs) => {
        await guarded(args);
        throw redirect("/");
      },
      default: page,
    },
    "kind/thrown-404": {
      loader: async (args: LoaderArgs) => {
        await guarded(args);
        throw new Response(null, { status: 404 });
      },
      default: page,
    },
    "kind/boundary": {
      loader: async (args: LoaderArgs) => {
        await guarded(args);
        throw new Response(null, { status: 418 });
      },
      default: page,
      ErrorBoundary: page,
    },
    "kind/resource": { loader: async (args: LoaderArgs) => Response.json(await guarded(args)) },
    "kind/deferred": {
      loader: async (args: LoaderArgs) => {
        await guarded(args);
        return defer({ late: Promise.resolve("late") });
      },
      default: page,
    },
    "kind/form": {
      loader: () => null,
      action: async (args: LoaderArgs) => guarded(args),
      default: page,
    },
    "kind/form-redirect": {
      action: async (args: LoaderArgs) => {
        await guarded(args);
        return redirect("/");
      },
      default: page,
    },
    "kind/failing": {
      loader: async (args: LoaderArgs) => {
        await guarded(args);
        throw new Error("a mistake in a loader");
      },
      default: page,
    },
  };
  const routes = { ...build.routes };
  const manifest = { ...build.assets.routes };
  for (const [id, module] of Object.entries(modules)) {
    routes[id] = { id, parentId: "root", path: id, module } as ServerBuild["routes"][string];
    manifest[id] = {
      id,
      parentId: "root",
      path: id,
      hasAction: "action" in module,
      hasLoader: "loader" in module,
      hasClientAction: false,
      hasClientLoader: false,
      hasErrorBoundary: "ErrorBoundary" in module,
      module: "/assets/none.js",
    } as ServerBuild["assets"]["routes"][string];
  }
  // A parent that throws while its child has refreshed: Remix drops the child’s cookie.
  routes["kind/child"] = {
    id: "kind/child",
    parentId: "kind/failing",
    path: "child",
    module: { loader: guarded, default: page },
  } as ServerBuild["routes"][string];
  const parent = manifest["kind/failing"];
  if (parent)
    manifest["kind/child"] = {
      ...parent,
      id: "kind/child",
      parentId: "kind/failing",
      path: "child",
    };
  return { ...build, routes, assets: { ...build.assets, routes: manifest } };
}

/** The built `requireUser`, taken from a route that uses it: the test has no other copy of it. */
function requireUserOf(build: ServerBuild): (args: LoaderArgs) => Promise<unknown> {
  const loader = build.routes["routes/dashboard"]?.module.loader;
  if (!loader) throw new Error("the dashboard has no loader");
  return async (args) => loader({ ...args, params: {} } as Parameters<typeof loader>[0]);
}

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ changeBuild: withTestRoutes });
});
afterAll(() => app.stop());

describe("the commit", () => {
  it.each([
    ["a page", "GET", "/kind/document", 200],
    ["a page’s data", "GET", "/kind/document.data", 200],
    ["one route’s data of a page", "GET", "/kind/document.data?_routes=kind%2Fdocument", 200],
    ["HEAD", "HEAD", "/kind/document", 200],
    ["a redirect", "GET", "/kind/redirect", 302],
    ["a redirect’s data", "GET", "/kind/redirect.data", 202],
    ["a thrown redirect", "GET", "/kind/thrown-redirect", 302],
    ["a thrown 404", "GET", "/kind/thrown-404", 404],
    ["a thrown 404's data", "GET", "/kind/thrown-404.data", 404],
    ["an error boundary of its own", "GET", "/kind/boundary", 418],
    ["a mistake in a loader", "GET", "/kind/failing", 500],
    ["a mistake in a parent’s loader", "GET", "/kind/failing/child", 500],
    ["a resource", "GET", "/kind/resource", 200],
    ["a form’s page", "POST", "/kind/form", 200],
    ["a form’s data", "POST", "/kind/form.data", 200],
    ["a form’s redirect", "POST", "/kind/form-redirect", 302],
    ["no page at all", "GET", "/no-such-page", 404],
  ])("TR-05 is on %s, exactly once (%s %s)", async (_, method, path, status) => {
    const visitor = app.visitor();
    await visitor.signIn();
    await app.clock.advance(3_000_000);
    app.google.calls.clear();
    const answer = await visitor.request(path, {
      method,
      ...(method === "POST" && { body: new URLSearchParams({ a: "b" }) }),
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual([
      app.cookie,
    ]);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(app.google.calls.count("token")).toBe(1);
    await answer.text();
  });

  it("TR-06 is in the headers before deferred data follows", async () => {
    const visitor = app.visitor();
    await visitor.signIn();
    await app.clock.advance(3_000_000);
    const answer = await visitor.get("/kind/deferred");
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(await answer.text()).toContain("late");
  });
});

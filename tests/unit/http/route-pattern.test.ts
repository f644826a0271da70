import type { ServerBuild } from "@remix-run/node";
import { describe, expect, it } from "vitest";
import { createRouteNames } from "../../../app/http/route-pattern.server";

type Routes = ServerBuild["routes"];

/** Remix’s list of routes, as a build has it: each knows its parent. */
function routes(
  paths: Record<string, { path?: string; parentId?: string; index?: boolean }>,
): Routes {
  return Object.fromEntries(
    Object.entries(paths).map(([id, route]) => [id, { id, module: {}, ...route }]),
  ) as unknown as Routes;
}

const BUILD = {
  routes: routes({
    root: { path: "" },
    home: { parentId: "root", index: true },
    dashboard: { parentId: "root", path: "dashboard" },
    "dashboard/index": { parentId: "dashboard", index: true },
    file: { parentId: "dashboard", path: "files/:id" },
    callback: { parentId: "root", path: "auth/google/callback" },
    splat: { parentId: "root", path: "*" },
  }),
} as ServerBuild;

describe("the names of routes", () => {
  const nameOf = createRouteNames(async () => BUILD);

  it.each([
    ["/", "/"],
    ["/_root.data", "/.data"],
    ["/dashboard", "/dashboard"],
    ["/dashboard/", "/dashboard"],
    ["/dashboard.data", "/dashboard.data"],
    ["/dashboard/files/the-id-of-somebody", "/dashboard/files/:id"],
    ["/auth/google/callback", "/auth/google/callback"],
    ["/assets/app-6_LLT99E.css", "/assets/*"],
    ["/api/backend/people/42", "/api/backend/*"],
    ["/wp-login.php", "*"],
    ["/%E0%A4%A", "*"],
    [`/${"x".repeat(5000)}`, "*"],
    ["/dashboard/files//x", "*"],
    ["/__manifest", "*"],
  ])(
    "LG-02 LG-08 name %s by its pattern, and what nobody has by nothing of its own",
    async (path, name) => {
      expect(await nameOf(path)).toBe(name);
      expect(await nameOf(path)).toBe(name);
    },
  );

  it("are none while the build can’t be loaded", async () => {
    expect(await createRouteNames(() => Promise.reject(new Error("no build")))("/")).toBe("*");
  });
});

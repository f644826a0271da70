import type { ServerBuild } from "@remix-run/node";
import { describe, expect, it } from "vitest";
import { showsOnly } from "../../../app/auth/shows-only.server";
import { createMethodsOf } from "../../../app/http/served-methods.server";

const page = () => null;
const loader = () => null;
const action = () => null;

/** Routes as a build has them: by id, with the parent’s id, the path and what the module exports. */
const ROUTES = Object.fromEntries(
  [
    ["root", undefined, "", { default: page, loader }],
    ["catch-all", "root", "*", { default: page, loader }],
    ["home", "root", undefined, { default: page }],
    ["layout", "root", "shop", { default: page, action }],
    ["shop", "layout", undefined, { default: page }],
    ["shown", "root", "shown", { default: page, loader, action: showsOnly }],
    ["item", "layout", "items/:id", { default: page }],
    ["files", "root", "files/*", { loader }],
    ["hook", "root", "hook", { action }],
    ["optional", "root", ":lang?/about", { default: page }],
  ].map(([id, parentId, path, module]) => [
    id,
    { id, parentId, module, ...(path === undefined ? { index: true } : { path }) },
  ]),
) as ServerBuild["routes"];

const methodsOf = createMethodsOf(ROUTES);

describe("the methods that an address serves", () => {
  it.each([
    ["/", ["GET", "HEAD"], false],
    ["/_root.data", ["GET", "HEAD"], false],
    ["/shop", ["GET", "HEAD", "POST"], true],
    ["/shop.data", ["GET", "HEAD", "POST"], true],
    ["/shop/", ["GET", "HEAD", "POST"], true],
    ["/shop/items/7", ["GET", "HEAD"], false],
    ["/shown", ["GET", "HEAD"], true],
    ["/files/a/b", ["GET", "HEAD"], false],
    ["/hook", ["POST"], true],
    ["/de/about", ["GET", "HEAD"], false],
  ])("HC-09 are what its route exports: %s", (path, allowed, takesPosts) => {
    expect(methodsOf(path)).toEqual({ allowed, takesPosts });
  });

  it.each(["/nowhere", "/shop/items", "/nowhere.data", "/files.data.data"])(
    "are none where only the catch-all matches: %s",
    (path) => {
      expect(methodsOf(path)).toBeNull();
    },
  );
});

import type { BrowserContext } from "@playwright/test";
import { redirect, type ServerBuild } from "@remix-run/node";
import { type LoaderArgs, requireUser } from "../../app/auth/require-user.server";

/** A private page of these tests alone, with a form that keeps what was typed. */
export const NOTE_PATH = "/note";

/** What has arrived by the form. */
export const received: string[] = [];

const MODULE = "/assets/note-page-of-tests.js";
const ID = "tests/note-page";
const ROUTE = { id: ID, parentId: "root", path: NOTE_PATH.slice(1) };
/** What browsers are told of it. */
const ASSETS = {
  ...ROUTE,
  hasAction: true,
  hasLoader: true,
  hasClientAction: false,
  hasClientLoader: false,
  hasErrorBoundary: false,
  module: MODULE,
  imports: [],
  css: [],
};

/**
 * The page, as source: the browser gets it as a module of its own, which is no part of the build, and
 * so can import nothing of it. The elements are made by hand, as React 18 makes them.
 */
const PAGE = `
const element = (type, props) => ({
  $$typeof: Symbol.for("react.element"), type, props, key: null, ref: null, _owner: null,
});
const field = (name, label, props = {}) =>
  element("label", { children: [label + " ", element("input", { name, ...props })] });
export default function NotePage() {
  return element("form", {
    method: "post", action: "${NOTE_PATH}", "data-kept": "note",
    children: element("div", { className: "page", children: element("div", { className: "card", children: element("div", { className: "card-body", children: [
      element("h1", { children: "Note" }),
      field("text", "Text"),
      field("secret", "Secret", { type: "password" }),
      field("urgent", "Urgent", { type: "checkbox" }),
      element("button", { className: "button button-primary", children: "Send" }),
    ].map((child, key) => ({ ...child, key: String(key) })) }) }) }),
  });
}
`;

export function withNotePage(build: ServerBuild): ServerBuild {
  const NotePage = new Function(`${PAGE.replace("export default", "return")}`)();
  return {
    ...build,
    routes: {
      ...build.routes,
      [ID]: {
        ...ROUTE,
        module: {
          default: NotePage,
          loader: async (args: LoaderArgs) => {
            await requireUser(args);
            return null;
          },
          action: async (args: LoaderArgs) => {
            await requireUser(args);
            received.push(String((await args.request.formData()).get("text")));
            return redirect(NOTE_PATH);
          },
        },
      },
    },
    assets: {
      ...build.assets,
      routes: {
        ...build.assets.routes,
        [ID]: ASSETS,
      },
    },
  };
}

/** Lets a browser have the page’s module, and a manifest that names it. */
export async function serveNotePage(context: BrowserContext): Promise<void> {
  await context.route(`**${MODULE}`, (route) =>
    route.fulfill({ contentType: "text/javascript", body: PAGE }),
  );
  await context.route("**/assets/manifest-*.js", async (route) => {
    const built = await (await route.fetch()).text();
    const added = `window.__remixManifest.routes[${JSON.stringify(ID)}] = ${JSON.stringify(ASSETS)};`;
    await route.fulfill({ contentType: "text/javascript", body: `${built}\n${added}` });
  });
}

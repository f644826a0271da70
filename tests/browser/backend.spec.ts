import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test as base, expect } from "./fixtures";
import { signInAtGoogle } from "./sign-in-at-google";

/** What somebody has put into the backend, and how it names it. */
const FILES: Readonly<Record<string, { type: string; body: string }>> = {
  "/x.js": { type: "text/javascript", body: "(self.ran ??= []).push('script')" },
  "/x.mjs": { type: "application/javascript", body: "(self.ran ??= []).push('module')" },
  "/x.css": { type: "text/css", body: "body { display: none }" },
  "/x.json": { type: "application/json", body: '{"read":true}' },
  "/x.svg": {
    type: "image/svg+xml",
    body: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g id="a"><rect width="9" height="9"/></g></svg>',
  },
};

interface Storehouse {
  origin: string;
  asked: string[];
}

/** The app with a backend that hands out what was put into it. */
const test = base.extend<object, { storehouse: Storehouse }>({
  storehouse: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern.
    async ({}, use) => {
      const asked: string[] = [];
      const server = createServer((request: IncomingMessage, response: ServerResponse) => {
        const { url = "" } = request;
        asked.push(url);
        const file = FILES[url];
        response.writeHead(file || url === "/api/user" ? 200 : 404, {
          "Content-Type": file?.type ?? "text/plain",
        });
        response.end(file?.body);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      await use({ origin: `http://127.0.0.1:${port}`, asked });
      server.closeAllConnections();
      server.close();
    },
    { scope: "worker" },
  ],
  appOptions: [
    async ({ storehouse }, use) => use({ settings: { backendOrigin: storehouse.origin } }),
    { scope: "worker" },
  ],
});

test.describe("what a backend answers, in this app’s pages", () => {
  test.use({
    expectedNoise: /Content Security Policy|violates|403|MIME type|load|register|import/i,
  });

  test("FB-11 is data that pages read, and images, and never a script, a style or a worker", async ({
    page,
    storehouse,
  }) => {
    await page.goto("/login");
    await signInAtGoogle(page);
    storehouse.asked.length = 0;
    const elements = page.waitForResponse(/elements\.svg/);
    const outcomes = await page.evaluate(async () => {
      const at = (name: string) => `/api/backend/${name}`;
      const load = (html: string) =>
        new Promise<string>((resolve) => {
          const part = document.createRange().createContextualFragment(html);
          const element = part.firstElementChild;
          element?.addEventListener("load", () => resolve("loaded"));
          element?.addEventListener("error", () => resolve("refused"));
          document.body.append(part);
        });
      const settled = (promise: Promise<unknown>) =>
        promise.then(() => "loaded").catch(() => "refused");
      const use = `<svg><use href="${at("elements.svg")}#a"/></svg>`;
      document.body.append(document.createRange().createContextualFragment(use));
      return {
        script: await load(`<script src="${at("x.js")}"></script>`),
        module: await load(`<script type="module" src="${at("x.mjs")}"></script>`),
        imported: await settled(import(at("x.mjs"))),
        style: await load(`<link rel="stylesheet" href="${at("x.css")}">`),
        preloaded: await load(`<link rel="modulepreload" href="${at("x.mjs")}">`),
        serviceWorker: await settled(navigator.serviceWorker.register(at("x.js"))),
        image: await load(`<img src="${at("x.svg")}">`),
        read: await fetch(at("x.json")).then((answer) => answer.json()),
      };
    });
    expect(outcomes).toEqual({
      script: "refused",
      module: "refused",
      imported: "refused",
      style: "refused",
      preloaded: "refused",
      serviceWorker: "refused",
      image: "loaded",
      read: { read: true },
    });
    expect((await elements).status()).toBe(403);
    const came = await page.evaluate(() => ({
      ran: "ran" in window,
      display: getComputedStyle(document.body).display,
    }));
    expect(came).toEqual({ ran: false, display: "block" });
    expect(storehouse.asked).toEqual(["/x.svg", "/x.json"]);
  });
});

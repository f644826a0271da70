import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { pageTitle } from "../brand/brand";

export interface PlainPage {
  title: string;
  message: string;
  next: { label: string; to: string };
  headers?: Record<string, string>;
}

/** The one place that is there for everybody. */
export const START_PAGE = { label: "Go to the start page", to: "/" };

/** An answer for a person where Remix isn’t asked: one sentence and one next step. */
export function plainPage(
  context: Context,
  status: ContentfulStatusCode,
  page: PlainPage,
): Response | Promise<Response> {
  return context.html(plainHtml(page), status, { "Cache-Control": "no-store", ...page.headers });
}

/** The page’s text; what is put in is escaped. */
export function plainHtml({ title, message, next }: Omit<PlainPage, "headers">) {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${pageTitle(title)}</title>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      <p>${message}</p>
      <p><a href="${next.to}">${next.label}</a></p>
    </main>
  </body>
</html>`;
}

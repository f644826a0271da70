/**
 * What the product is called, and what it is in a sentence. `npm run rename` writes the name; mark and
 * colours stand beside it. Names of the mechanism (`latchkey_` tables, cookies, metrics) stay as they are.
 */
export const BRAND = {
  name: "Latchkey",
  description: "Sign in with Google once, and stay signed in.",
} as const;

/** The title of a page in its browser’s tab. */
export function pageTitle(page?: string): string {
  return page === undefined ? BRAND.name : `${page} · ${BRAND.name}`;
}

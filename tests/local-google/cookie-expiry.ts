import type { ServerResponse } from "node:http";

/**
 * A browser judges a cookie’s `expires` by its own clock, which is not the local Google’s. What
 * counts is kept on the server, so cookies live as long as the browser; only deletions pass.
 */
export function withoutExpiry(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) =>
    setHeader(name, name.toLowerCase() === "set-cookie" ? [value].flat().map(strip) : value);
}

function strip(cookie: string | number): string {
  const text = String(cookie);
  return text.includes("expires=Thu, 01 Jan 1970")
    ? text
    : text.replaceAll(/; expires=[^;]*/gi, "");
}

/** What a browser may want a backend’s answer for: to read, to show or to save it. */
const AS_DATA = new Set(["empty", "document", "image", "audio", "video", "track"]);

/**
 * Whether a browser wants the answer as data, and not as a part of a page of this app: a script, a
 * style, a worker, a frame, or whatever else browsers will come to know. Where it doesn’t say
 * (before 2023 not every one did), the answer’s type is what keeps it from running.
 *
 * `Sec-Fetch-Dest`: https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header
 */
export function isWantedAsData(headers: Headers): boolean {
  const destination = headers.get("Sec-Fetch-Dest");
  if (destination === null) return true;
  // An image of this mode is the `href` of an SVG’s `<use>`: it becomes elements of the page.
  const isElements = destination === "image" && headers.get("Sec-Fetch-Mode") === "same-origin";
  return AS_DATA.has(destination) && !isElements;
}

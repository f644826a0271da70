const PREFIX = "/api/backend";
/** Deeper than anybody’s encoding of an encoding. */
const DECODINGS = 5;

/**
 * The path on the backend that a path under `/api/backend/` means, still encoded as it came; null for
 * one that some server might read as leading elsewhere: dot segments, empty ones, backslashes and
 * encoded slashes, however often they are encoded.
 *
 * @param pathname as the URL parser gives it, which has resolved plain dot segments already.
 */
export function backendPath(pathname: string): string | null {
  if (pathname === PREFIX || pathname === `${PREFIX}/`) return "/";
  if (!pathname.startsWith(`${PREFIX}/`)) return null;
  const path = pathname.slice(PREFIX.length);
  const segments = path.slice(1).split("/");
  // A slash at the end is no segment.
  if (segments.at(-1) === "") segments.pop();
  return segments.every(isPlain) ? path : null;
}

function isPlain(segment: string): boolean {
  let text = segment;
  for (let times = 0; times < DECODINGS; times++) {
    // Some servers cut a segment’s parameters off before they look at it ("..;x").
    const name = text.split(";")[0] ?? "";
    if (name === "" || name === "." || name === ".." || /[/\\\p{Cc}]/u.test(text)) return false;
    const decoded = decode(text);
    if (decoded === null || decoded === text) return true;
    text = decoded;
  }
  return false;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

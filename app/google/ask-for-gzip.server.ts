/** What an answer may be packed in: what was asked for, under both of its names, or nothing. */
const UNPACKED_BY_US = ["", "identity", "gzip", "x-gzip"];

/**
 * `fetch` that asks for gzip at most, and takes nothing else. Node’s own asks for Brotli as well, whose
 * decoder has a hole in releases that are no longer mended (CVE-2026-111497), and unpacks whatever comes.
 *
 * @throws a TypeError, as for any failure of the network, when the answer is packed otherwise.
 */
export function askForGzip(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    // Of a part `fetch` itself asks that it comes as it is.
    if (headers.has("Range")) headers.delete("Accept-Encoding");
    else headers.set("Accept-Encoding", "gzip");
    const response = await fetch(input, { ...init, headers });
    const packed = response.headers.get("Content-Encoding")?.toLowerCase() ?? "";
    if (response.body !== null && !UNPACKED_BY_US.includes(packed)) {
      await response.body.cancel();
      const cause = Object.assign(new Error(), { code: "ENCODING_NOT_ASKED_FOR" });
      throw new TypeError("fetch failed", { cause });
    }
    return response;
  };
}

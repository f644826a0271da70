import type { IncomingMessage } from "node:http";

/**
 * Sees to it that a request says for which host it is: once, and without somebody’s password (RFC 9112
 * 3.2, RFC 9110 4.2.4). By HTTP/1.0, which knew no `Host`, a request is for `host`, the only one
 * that is served here.
 *
 * @returns whether it is a request that can be answered; else 400 is what it gets.
 */
export function completeTarget(request: IncomingMessage, host: string): boolean {
  const { rawHeaders } = request;
  const hosts = rawHeaders.flatMap((name, at) => (at % 2 === 0 && isHost(name) ? [at] : []));
  if (hosts.length > 1 || hasUserinfo(request.url ?? "")) return false;
  const [only] = hosts;
  if (only !== undefined) {
    // Names of hosts know no case (RFC 3986 3.2.2), but the server behind compares letters.
    const named = (rawHeaders[only + 1] ?? "").toLowerCase();
    rawHeaders[only + 1] = named;
    request.headers.host = named;
    return true;
  }
  if (request.httpVersion !== "1.0") return false;
  rawHeaders.push("Host", host);
  request.headers.host = host;
  return true;
}

function isHost(name: string): boolean {
  return name.length === 4 && name.toLowerCase() === "host";
}

/** Of an address in full, as proxies are asked: `http://name:password@host/`. */
function hasUserinfo(target: string): boolean {
  return !target.startsWith("/") && /^[a-z]+:\/\/[^/?#]*@/i.test(target);
}

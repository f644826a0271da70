import { isIPv4, isIPv6, SocketAddress } from "node:net";
import type { Context } from "hono";
import { nodeOf } from "./node-bindings";

/**
 * Who is asking, for limits and logs.
 *
 * Each proxy appends the address that it saw to `X-Forwarded-For`. With `hops` of our own in front,
 * the one that our outermost proxy wrote is the `hops`-th from the right; everything left of it was
 * sent by the client and may be made up. Without proxies the header is all made up. What is no
 * address there counts for nothing: then it is the socket’s.
 *
 * @returns an IPv4 address, a network of IPv6 such as `2001:db8:1:2::/64`, or `unknown`.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  hops: number,
): string {
  const seen = (forwardedFor ?? "").split(",");
  const forwarded = hops > 0 ? network(seen.at(-hops)) : null;
  return forwarded ?? network(socketAddress) ?? "unknown";
}

/** A household has a /64 of IPv6 addresses to change among: they count as one. */
function network(written: string | undefined): string | null {
  const address = withoutPort((written ?? "").trim());
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return null;
  // In one spelling of many (RFC 5952), without the zone.
  const plain = new SocketAddress({ address, family: "ipv6" }).address.replace(/%.*$/, "");
  const mapped = plain.replace(/^::ffff:/, "");
  if (isIPv4(mapped)) return mapped;
  const [head = "", tail] = plain.split("::");
  const left = head.split(":").filter(Boolean);
  const right = (tail ?? "").split(":").filter(Boolean);
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return `${[...left, ...zeros, ...right].slice(0, 4).join(":")}::/64`;
}

/** Some proxies write the port as well: `192.0.2.1:4711`, `[2001:db8::1]:4711` (RFC 7239 6). */
function withoutPort(written: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d*)?$/.exec(written) ?? [];
  return bracketed ?? plain ?? written;
}

export function addressOf(context: Context, hops: number): string {
  const { incoming } = nodeOf(context);
  return clientAddress(incoming?.socket.remoteAddress, context.req.header("X-Forwarded-For"), hops);
}

import type { Context } from "hono";

/** How @hono/node-server hands over Node's request; absent where no socket is (tests). */
interface NodeBindings {
  incoming?: { socket?: { remoteAddress?: string } };
}

/**
 * Who is asking, for limits and logs.
 *
 * Each proxy appends the address that it saw to `X-Forwarded-For`. With `hops` of our own in front,
 * the one that our outermost proxy wrote is the `hops`-th from the right; everything left of it was
 * sent by the client and may be made up. Without proxies the header is all made up.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  hops: number,
): string {
  const seen = (forwardedFor ?? "").split(",").map((address) => address.trim());
  const forwarded = hops > 0 ? seen.at(-hops) : undefined;
  return network(forwarded || socketAddress || "unknown");
}

/** A household has a /64 of IPv6 addresses to change among: they count as one. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!plain.includes(":")) return plain.slice(0, 64);
  const [head = "", tail] = plain.split("%")[0]?.split("::") ?? [];
  const left = head.split(":").filter(Boolean);
  const right = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${groups.slice(0, 4).join(":").slice(0, 64)}::/64`;
}

export function addressOf(context: Context, hops: number): string {
  const { incoming } = (context.env ?? {}) as NodeBindings;
  return clientAddress(
    incoming?.socket?.remoteAddress,
    context.req.header("X-Forwarded-For"),
    hops,
  );
}

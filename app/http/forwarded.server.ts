/**
 * What our outermost proxy said in an `X-Forwarded-*` header.
 *
 * Proxies append to such a header or overwrite it. The outermost one’s word is the `hops`-th from the
 * right, or the first where fewer are left; what the client wrote itself stands left of it.
 *
 * @returns null without proxies of ours, when the header is made up, and where they said nothing.
 */
export function saidByProxy(header: string | undefined, hops: number): string | null {
  if (hops === 0 || header === undefined) return null;
  const said = header.split(",").map((word) => word.trim());
  return (said.at(-hops) ?? said[0]) || null;
}

import type { Random } from "../../config/random.server";

/** Eight bytes: the second of its start, and four random ones, for a browser to tell its sign-ins by. */
export function newTransactionId(now: number, random: Random): string {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.floor(now / 1000) % 2 ** 32);
  return Buffer.concat([seconds, random.bytes(4)]).toString("base64url");
}

/** When a transaction with this id was begun, in ms, to the second. Anybody can make one up. */
export function startOf(id: string): number {
  return Buffer.from(id, "base64url").readUInt32BE(0) * 1000;
}

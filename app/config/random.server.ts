import { randomBytes } from "node:crypto";

/** Randomness, passed in so that the simulator can repeat a run from its seed. */
export interface Random {
  /** `size` bytes fit for keys, nonces and identifiers. */
  bytes(size: number): Uint8Array<ArrayBuffer>;
}

export const systemRandom: Random = {
  bytes: (size) => new Uint8Array(randomBytes(size)),
};

/** A random identifier of `size` bytes, base64url. 16 bytes = 128 bits (ASVS 7.2.3, 11.5.1). */
export function randomId(random: Random, size = 16): string {
  return Buffer.from(random.bytes(size)).toString("base64url");
}

/** A number in [0, 1) for jitter. */
export function randomFraction(random: Random): number {
  const [a = 0, b = 0] = random.bytes(2);
  return (a * 256 + b) / 65_536;
}

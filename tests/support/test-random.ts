import { createHash } from "node:crypto";
import type { Random } from "../../app/config/random.server";

/** Bytes that look random, differ with every call and are the same in every run. */
export function createTestRandom(seed = 1): Random {
  let calls = 0;
  return {
    bytes(size) {
      calls += 1;
      // SHAKE gives as many bytes as are asked for.
      const hash = createHash("shake256", { outputLength: size });
      return new Uint8Array(hash.update(`${seed}:${calls}`).digest());
    },
  };
}

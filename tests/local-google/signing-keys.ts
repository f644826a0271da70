import { generateKeyPairSync, type JsonWebKey, randomBytes } from "node:crypto";

export type SigningKey = JsonWebKey & { kid: string; alg: "RS256"; use: "sig" };

// RSA keys are slow to make. They are shared by all local Googles of a process, each of which
// walks through them at its own pace when it rotates.
const made: SigningKey[] = [];

function keyAt(index: number): SigningKey {
  for (let next = made.length; next <= index; next += 1) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = privateKey.export({ format: "jwk" });
    made.push({ ...jwk, kid: randomBytes(20).toString("hex"), alg: "RS256", use: "sig" });
  }
  return made[index] as SigningKey;
}

/** The two keys in use: the first signs, the second is published only, as at Google. */
export class SigningKeys {
  #next = 2;
  #keys: SigningKey[];

  constructor(keys: SigningKey[] = [keyAt(0), keyAt(1)]) {
    this.#keys = keys;
  }

  list(): SigningKey[] {
    return this.#keys;
  }

  get signing(): SigningKey {
    return this.#keys[0] as SigningKey;
  }

  /** A key never seen before signs from now on, and the one that signed until now is gone. */
  rotate(): void {
    const known = new Set(this.#keys.map((key) => key.kid));
    let fresh = keyAt(this.#next);
    while (known.has(fresh.kid)) fresh = keyAt(++this.#next);
    this.#next += 1;
    this.#keys = [fresh, ...this.#keys.slice(1)];
  }
}

import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";

/** A signing key of a provider’s, with its public half as a JWKS shows it. */
export interface ProviderKey {
  jwk: JWK;
  /** The same key used with another algorithm. */
  as(alg: string): Promise<ProviderKey>;
  sign(payload: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export async function aProviderKey(kid: string, alg = "RS256"): Promise<ProviderKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return providerKey(await exportJWK(publicKey), await exportJWK(privateKey), kid, alg);
}

async function providerKey(
  publicJwk: JWK,
  privateJwk: JWK,
  kid: string,
  alg: string,
): Promise<ProviderKey> {
  const privateKey = await importJWK(privateJwk, alg);
  return {
    jwk: { ...publicJwk, kid, alg, use: "sig" },
    as: (otherAlg) => providerKey(publicJwk, privateJwk, kid, otherAlg),
    sign: (payload, header = {}) =>
      new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey),
  };
}

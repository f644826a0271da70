import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** A signing key of a provider's, with its public half as a JWKS shows it. */
export interface ProviderKey {
  jwk: JWK;
  sign(payload: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export async function aProviderKey(kid: string, alg = "RS256"): Promise<ProviderKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: "sig" };
  return {
    jwk,
    sign: (payload, header = {}) =>
      new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey),
  };
}

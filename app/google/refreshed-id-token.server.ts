import { decodeJwt, type JWTPayload } from "jose";
import type { IdTokenFlaw } from "./id-token.server";

/**
 * What the ID token of a refresh says (OpenID Connect Core 12.2).
 * - `same`: it names the account that the session is of, or none came.
 * - `somebody_else`: another account, client or provider.
 * - `unreadable`: it says nothing that can be understood.
 */
export type RefreshedIdToken =
  | { kind: "same"; hostedDomain: string | null }
  | {
      kind: "somebody_else";
      flaw: Extract<IdTokenFlaw, "issuer" | "audience" | "authorized_party" | "subject">;
    }
  | { kind: "unreadable"; flaw: "malformed" };

/**
 * Reads whom the ID token of a refresh names. It came straight from the token endpoint over TLS, which
 * stands for its signature (OpenID Connect Core 3.1.3.7, 6), and nobody becomes somebody by it: it can
 * only say that the tokens beside it are another’s. So no keys have to be fetched before the new
 * tokens, which may be the only ones that work, are kept.
 */
export function readRefreshedIdToken(
  idToken: string | null,
  expected: { issuers: readonly string[]; clientId: string; sub: string },
): RefreshedIdToken {
  if (idToken === null) return { kind: "same", hostedDomain: null };
  const claims = decode(idToken);
  if (claims === null) return { kind: "unreadable", flaw: "malformed" };
  const { iss, aud, azp, sub, hd } = claims;
  if (iss !== undefined && !expected.issuers.includes(iss)) return somebodyElse("issuer");
  if (aud !== undefined && ![aud].flat().includes(expected.clientId)) {
    return somebodyElse("audience");
  }
  if (azp !== undefined && azp !== expected.clientId) return somebodyElse("authorized_party");
  if (sub !== undefined && sub !== expected.sub) return somebodyElse("subject");
  return { kind: "same", hostedDomain: typeof hd === "string" && hd !== "" ? hd : null };
}

function somebodyElse(
  flaw: Extract<RefreshedIdToken, { kind: "somebody_else" }>["flaw"],
): RefreshedIdToken {
  return { kind: "somebody_else", flaw };
}

function decode(idToken: string): JWTPayload | null {
  try {
    return decodeJwt(idToken);
  } catch {
    return null;
  }
}

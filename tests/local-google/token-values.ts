import { randomBytes } from "node:crypto";
import type { TokenSizes } from "./settings";

export type TokenKind = "AccessToken" | "RefreshToken" | "AuthorizationCode";

const PREFIXES: Record<TokenKind, string> = {
  AccessToken: "ya29.canary-at-",
  RefreshToken: "1//canary-rt-",
  AuthorizationCode: "4/canary-code-",
};

const LENGTHS: Record<TokenSizes, Record<TokenKind, number>> = {
  typical: { AccessToken: 220, RefreshToken: 103, AuthorizationCode: 73 },
  "documented-maximum": { AccessToken: 2048, RefreshToken: 512, AuthorizationCode: 256 },
};

/** An opaque value with Google’s prefix and a mark that a scan for leaked tokens can find. */
export function newTokenValue(kind: TokenKind, sizes: TokenSizes): string {
  const length = LENGTHS[sizes][kind];
  return (PREFIXES[kind] + randomBytes(length).toString("base64url")).slice(0, length);
}

export function newClient(): { clientId: string; clientSecret: string } {
  const number = Array.from(randomBytes(12), (byte) => byte % 10).join("");
  return {
    clientId: `${number}-${randomBytes(16).toString("hex")}.apps.googleusercontent.com`,
    clientSecret: `GOCSPX-canary-secret-${randomBytes(12).toString("base64url")}`,
  };
}

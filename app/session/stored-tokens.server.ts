import { z } from "zod";
import type { Sealer } from "./seal.server";
import type { SessionTokens } from "./session.server";

/** Tokens as the database keeps them: sealed with a key of their own, unreadable without the secret. */
export interface StoredTokens {
  seal(tokens: SessionTokens): string;
  /** Null for what can't be opened: another secret, another version. */
  open(sealed: string): SessionTokens | null;
}

// What only a newer release knows is left out: both run side by side while one replaces the other.
const schema = z.object({
  accessToken: z.string().min(1),
  issuedAt: z.int(),
  issuedBefore: z.array(z.int()).default([]),
  expiresAt: z.int(),
  refreshToken: z.string().min(1),
  refreshExpiresAt: z.int().nullable(),
  scopes: z.array(z.string()),
});

export function createStoredTokens(sealer: Sealer): StoredTokens {
  return {
    seal: (tokens) => sealer.seal(JSON.stringify(tokens)),
    open(sealed) {
      const unsealed = sealer.unseal(sealed);
      if (!unsealed.ok) return null;
      // Only this app can have sealed it, so it is JSON.
      const result = schema.safeParse(JSON.parse(unsealed.text));
      return result.success ? result.data : null;
    },
  };
}

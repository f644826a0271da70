import { z } from "zod";
import type { Sealer } from "./seal.server";
import type { SessionTokens } from "./session.server";

/** The part of a session’s tokens that belongs to the grant, which several sessions may share. */
export type GrantTokens = Pick<SessionTokens, "refreshToken" | "refreshExpiresAt">;

/** Sealed with a key of their own, unreadable without the secret. */
export interface SealedParts {
  access: string;
  refresh: string;
}

/** Tokens as the database keeps them. What opens nothing is null: another secret, another version. */
export interface StoredTokens {
  seal(tokens: SessionTokens): SealedParts;
  sealGrant(grant: GrantTokens): string;
  open(sealed: SealedParts): SessionTokens | null;
  openGrant(sealedRefresh: string): GrantTokens | null;
}

// What only a newer release knows is left out: both run side by side while one replaces the other.
const accessSchema = z.object({
  accessToken: z.string().min(1),
  issuedAt: z.int(),
  issuedBefore: z.array(z.int()),
  expiresAt: z.int(),
  scopes: z.array(z.string()),
});
const grantSchema = z.object({
  refreshToken: z.string().min(1),
  refreshExpiresAt: z.int().nullable(),
});

export function createStoredTokens(sealer: Sealer): StoredTokens {
  function open<Part>(schema: z.ZodType<Part>, sealed: string): Part | null {
    const unsealed = sealer.unseal(sealed);
    if (!unsealed.ok) return null;
    // Only this app can have sealed it, so it is JSON.
    const result = schema.safeParse(JSON.parse(unsealed.text));
    return result.success ? result.data : null;
  }
  const openGrant = (sealedRefresh: string) => open(grantSchema, sealedRefresh);
  const sealGrant = ({ refreshToken, refreshExpiresAt }: GrantTokens) =>
    sealer.seal(JSON.stringify({ refreshToken, refreshExpiresAt }));

  return {
    seal({ refreshToken, refreshExpiresAt, ...access }) {
      return {
        access: sealer.seal(JSON.stringify(access)),
        refresh: sealGrant({ refreshToken, refreshExpiresAt }),
      };
    },
    sealGrant,
    open(sealed) {
      const access = open(accessSchema, sealed.access);
      const grant = openGrant(sealed.refresh);
      return access && grant && { ...access, ...grant };
    },
    openGrant,
  };
}

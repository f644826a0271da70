import type { Session } from "../../app/session/session.server";

const NOON = Date.UTC(2026, 0, 15, 12);

/** Ada’s session, begun at the test clock’s start, with tokens for an hour. */
export function aSession(overrides: Partial<Session> = {}): Session {
  return {
    id: "AAAAAAAAAAAAAAAAAAAAAA",
    generation: 0,
    user: {
      issuer: "https://accounts.google.com",
      id: "110169484474386276334",
      name: "Ada Lovelace",
      email: "ada@example.com",
      picture: "https://lh3.googleusercontent.com/a/ada",
      hostedDomain: null,
    },
    tokens: {
      accessToken: "ya29.access-token-of-ada",
      issuedAt: NOON,
      issuedBefore: [],
      expiresAt: NOON + 3_600_000,
      refreshToken: "1//refresh-token-of-ada",
      refreshExpiresAt: null,
      scopes: ["email", "openid", "profile"],
    },
    startedAt: NOON,
    lastSeenAt: NOON,
    ...overrides,
  };
}

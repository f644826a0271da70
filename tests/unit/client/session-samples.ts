import type { SessionReport } from "../../../app/auth/read-session.server";
import type { PageSeed } from "../../../app/auth/seed-page.server";
import type { Person } from "../../../app/client/session-report";

export const NOW = Date.UTC(2026, 0, 15, 12);
const DAY = 86_400_000;

export const ADA: Person = { id: "1", name: "Ada Lovelace", email: "ada@gmail.com", picture: null };
export const BOB: Person = { id: "2", name: "Bob", email: "bob@gmail.com", picture: null };

export const SIGNED_OUT: SessionReport = { status: "unauthenticated", reason: null };

export function signedIn(user: Person, expiresAt = NOW + 30 * DAY) {
  return {
    status: "authenticated" as const,
    user,
    expiresAt,
    accessTokenExpiresAt: NOW + DAY,
    features: [],
  };
}

export function seedOf(report: SessionReport, final = false): PageSeed {
  return { report, final, now: NOW, noticeMs: 10 * 60_000, madeFor: null };
}

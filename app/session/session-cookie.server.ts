import { joinChunks, sessionCookieNames, splitIntoChunks } from "./chunks.server";
import { type CookiePolicy, deleteCookie, MAX_DELETIONS, setCookie } from "./cookie-header.server";
import type { SealedWith, Sealer } from "./seal.server";
import { decodeSession, encodeSession, type Session } from "./session.server";

export type Cookies = ReadonlyMap<string, string[]>;

export type CookieReading =
  | { kind: "none" }
  | { kind: "session"; session: Session; key: SealedWith }
  | { kind: "unreadable"; cause: "malformed" | "unknown_key" | "tampered" | "old_version" };

/** The sealed session cookie: reads it from a request, writes it as `Set-Cookie` values. */
export interface SessionCookie {
  read(cookies: Cookies): CookieReading;
  /** The session as it fits the budget, optional fields dropped first; null when it can’t (SC-14). */
  fit(session: Session): Session | null;
  /** `Set-Cookie` values that leave exactly this session behind in a browser that sent `cookies`. */
  write(session: Session, maxAgeMs: number, cookies: Cookies): string[];
  /** `Set-Cookie` values that delete every cookie of the session which the browser sent. */
  clear(cookies: Cookies): string[];
}

const LONGEST_NAME = 100;

export function createSessionCookie(policy: CookiePolicy, sealer: Sealer): SessionCookie {
  const { name } = policy;

  function sealedParts(session: Session) {
    return splitIntoChunks(name, sealer.seal(encodeSession(session)));
  }

  /** Of what only a stranger has in such numbers some stay. */
  function deletions(names: readonly string[]): string[] {
    return names.slice(0, MAX_DELETIONS).map((cookie) => deleteCookie(policy, cookie));
  }

  return {
    read(cookies) {
      if (sessionCookieNames(name, cookies).length === 0) return { kind: "none" };
      const readings = joinChunks(name, cookies).map((value) => open(sealer, value));
      const [newest] = readings
        .filter((reading) => reading.kind === "session")
        .sort((a, b) => lateness(b.session, a.session));
      return newest ?? readings[0] ?? { kind: "unreadable", cause: "malformed" };
    },

    fit(session) {
      const { user } = session;
      const shortName = user.name.slice(0, LONGEST_NAME);
      const withoutHistory = { ...session, tokens: { ...session.tokens, issuedBefore: [] } };
      const lean = [
        user,
        { ...user, picture: null },
        { ...user, picture: null, name: shortName },
        { ...user, picture: null, name: "" },
      ].map((leaner) => ({ ...withoutHistory, user: leaner }));
      return [session, ...lean].find((candidate) => sealedParts(candidate) !== null) ?? null;
    },

    write(session, maxAgeMs, cookies) {
      const parts = sealedParts(session);
      if (parts === null) throw new Error("A session was written that `fit` would have refused.");
      const written = new Set(parts.map((part) => part.name));
      const leftOver = sessionCookieNames(name, cookies).filter((cookie) => !written.has(cookie));
      return [
        ...parts.map((part) => setCookie(policy, part.name, part.value, maxAgeMs)),
        ...deletions(leftOver),
      ];
    },

    clear: (cookies) => deletions(sessionCookieNames(name, cookies)),
  };
}

function open(sealer: Sealer, value: string): CookieReading {
  const unsealed = sealer.unseal(value);
  if (!unsealed.ok) return { kind: "unreadable", cause: unsealed.reason };
  const session = decodeSession(unsealed.text);
  return session
    ? { kind: "session", session, key: unsealed.key }
    : { kind: "unreadable", cause: "old_version" };
}

/** Two whole sessions in one request: an answer overtook a later one. The later one is meant. */
function lateness(a: Session, b: Session): number {
  return a.startedAt - b.startedAt || a.generation - b.generation || a.lastSeenAt - b.lastSeenAt;
}

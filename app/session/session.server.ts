import { z } from "zod";
import type { EndReason } from "./end-reason";

/** One person, signed in on one browser. Times in ms since the epoch. */
export interface Session {
  /** 128 random bits; new at every sign-in. */
  id: string;
  /** How often the tokens were renewed: a higher one is newer, whoever carries it. */
  generation: number;
  user: SessionUser;
  tokens: SessionTokens;
  /** By the database’s clock, later than every end of many that came before. */
  startedAt: number;
  /** The last request that counted as use. Moves in steps, so that the cookie is rarely rewritten. */
  lastSeenAt: number;
}

/** Who it is. The account’s key is `issuer` and `id` (Google’s `sub`); the rest is for display. */
export interface SessionUser {
  issuer: string;
  id: string;
  name: string;
  email: string;
  picture: string | null;
  /** The Google Workspace domain that the account belongs to, as Google said last. */
  hostedDomain: string | null;
}

export interface SessionTokens {
  accessToken: string;
  /** When the request that brought the access token was started. */
  issuedAt: number;
  /** The same of the access tokens before it, oldest first: the last few. */
  issuedBefore: readonly number[];
  expiresAt: number;
  refreshToken: string;
  /** Set where Google limits the grant in time (`refresh_token_expires_in`). */
  refreshExpiresAt: number | null;
  /** Granted scopes, aliases normalised. */
  scopes: readonly string[];
}

/** What a request’s cookie amounts to. */
export type SessionState =
  | { status: "active"; session: Session }
  | { status: "absent" }
  | { status: "ended"; reason: EndReason };

/**
 * Notes a use of the session in its row, and tells whether it may still be used. `unknown`: the row
 * can’t be asked just now.
 */
export type ConfirmUse = (session: Session) => Promise<"live" | "unknown" | { ended: EndReason }>;

const time = z.int().nonnegative();

/**
 * Short names, since every byte travels with every request. What only a newer release knows is left
 * out, so that both can run side by side while one replaces the other; what makes a payload mean
 * something else needs another `v`.
 */
const payloadSchema = z.object({
  v: z.literal(1),
  id: z.string().min(22),
  gen: z.int().nonnegative(),
  iss: z.string().min(1),
  sub: z.string().min(1).max(255),
  name: z.string(),
  mail: z.string(),
  pic: z.string().nullable(),
  // 0.1.0 didn’t write it.
  hd: z.string().nullable().default(null),
  at: z.string().min(1),
  iat: time,
  exp: time,
  // 0.1.0 didn’t write it.
  was: z.array(time).default([]),
  rt: z.string().min(1),
  rtx: time.nullable(),
  scp: z.array(z.string()),
  t0: time,
  seen: time,
});

type Payload = z.input<typeof payloadSchema>;

/** The text that is sealed into the cookie. */
export function encodeSession(session: Session): string {
  const { user, tokens } = session;
  const payload: Payload = {
    v: 1,
    id: session.id,
    gen: session.generation,
    iss: user.issuer,
    sub: user.id,
    name: user.name,
    mail: user.email,
    pic: user.picture,
    ...(user.hostedDomain !== null && { hd: user.hostedDomain }),
    at: tokens.accessToken,
    iat: tokens.issuedAt,
    exp: tokens.expiresAt,
    ...(tokens.issuedBefore.length > 0 && { was: [...tokens.issuedBefore] }),
    rt: tokens.refreshToken,
    rtx: tokens.refreshExpiresAt,
    scp: [...tokens.scopes],
    t0: session.startedAt,
    seen: session.lastSeenAt,
  };
  return JSON.stringify(payload);
}

/** The session in an unsealed text, or null for one of another version or shape. */
export function decodeSession(text: string): Session | null {
  const result = payloadSchema.safeParse(parseJson(text));
  if (!result.success) return null;
  const payload = result.data;
  return {
    id: payload.id,
    generation: payload.gen,
    user: {
      issuer: payload.iss,
      id: payload.sub,
      name: payload.name,
      email: payload.mail,
      picture: payload.pic,
      hostedDomain: payload.hd,
    },
    tokens: {
      accessToken: payload.at,
      issuedAt: payload.iat,
      issuedBefore: payload.was,
      expiresAt: payload.exp,
      refreshToken: payload.rt,
      refreshExpiresAt: payload.rtx,
      scopes: payload.scp,
    },
    startedAt: payload.t0,
    lastSeenAt: payload.seen,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** When the tokens were renewed, oldest first: the last few times. */
export function renewalsOf({ generation, tokens }: Session): number[] {
  const issued = [...tokens.issuedBefore, tokens.issuedAt];
  // The first of all came with signing in.
  return generation < issued.length ? issued.slice(1) : issued;
}

/** Whether `a` carries newer tokens than `b`. */
export function isNewer(a: Session, b: Session): boolean {
  return a.id === b.id && a.generation > b.generation;
}

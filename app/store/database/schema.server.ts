import type { Generated } from "kysely";

/**
 * The tables, as both databases have them. Times are ms since the epoch in 64-bit integers, which
 * both drivers give as numbers; everything else is text. Each name begins with the app’s, so that the
 * database may be shared with somebody else’s tables.
 */
export interface Schema {
  latchkey_users: UsersTable;
  latchkey_sessions: SessionsTable;
  latchkey_end_marks: EndMarksTable;
  latchkey_revocations: RevocationsTable;
  latchkey_security_events: SecurityEventsTable;
  latchkey_rate_limits: RateLimitsTable;
}

interface UsersTable {
  issuer: string;
  sub: string;
  /** Name, email and picture are for display; they never tell who somebody is. */
  name: string;
  email: string;
  picture: string | null;
  /** Google’s `hd` at the last sign-in. */
  hosted_domain: string | null;
  created_at: number;
  last_signed_in_at: number;
  /** Set by an operator. */
  disabled_at: number | null;
  /** Set when Google reports the account disabled without a reason. */
  google_blocked_at: number | null;
  /** When Google last reported it enabled again. */
  google_enabled_at: number | null;
  step_up_required_at: number | null;
}

interface SessionsTable {
  /** Never the id itself: a dump holds nothing that works as a session (MP-09). */
  id_hash: string;
  /** Names the session on the account page. Of no use anywhere else. */
  handle: string | null;
  /** Null once the account is deleted: the row then only keeps copied cookies worthless. */
  issuer: string | null;
  sub: string | null;
  /** The person’s hash, by which marks find their sessions. Null with `sub`. */
  person: string | null;
  generation: number;
  /** Null once the session has ended, or its tokens were forgotten. */
  sealed_access: string | null;
  /** The grant’s refresh token: one that replaces it replaces it in every row that has it. */
  sealed_refresh: string | null;
  refresh_token_hash: string | null;
  refresh_token_prefix_hash: string | null;
  lease_holder: string | null;
  lease_until: number | null;
  /** By the database’s clock, and later than every mark that was there: marks are compared with it. */
  started_at: number;
  /** By the clock of a process. */
  last_seen_at: number;
  /** When the tokens were written. */
  renewed_at: number;
  browser: string | null;
  system: string | null;
  /** By the database’s clock: the order in which processes learn of it. */
  ended_at: number | null;
  end_reason: string | null;
  /** 1 where only a mark was written down in the row: the mark itself tells other processes. */
  ended_by_mark: Generated<number>;
}

/** "Sessions begun before this moment are over", for everybody or for one person. */
interface EndMarksTable {
  /** A person’s hash; empty for everybody. */
  who: string;
  /** Sessions that started at this moment or before are over. */
  ended_before: number;
  reason: string;
  /** The hashed id of the one session that goes on. */
  spared: string | null;
  /** When it was written, by the database’s clock. */
  marked_at: number;
  /** When the rows of its sessions had all been ended too. */
  swept_at: number | null;
}

/** Grants to be given back to Google. */
interface RevocationsTable {
  id: string;
  /** The person’s hash, as marks have it. */
  person: string;
  sealed_refresh: string;
  tries: number;
  next_try_at: number;
}

interface RateLimitsTable {
  /** An HMAC: it tells nobody which address it counts for. */
  key: string;
  /** When the allowance is whole again; the row says nothing after it. */
  full_at: number;
}

interface SecurityEventsTable {
  jti_hash: string;
  received_at: number;
}

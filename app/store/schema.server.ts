/**
 * The tables, as both databases have them. Times are ms since the epoch in 64-bit integers, which
 * both drivers give as numbers; everything else is text. Each name begins with the app's, so that the
 * database may be shared with somebody else's tables.
 */
export interface Schema {
  latchkey_users: UsersTable;
  latchkey_sessions: SessionsTable;
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
  generation: number;
  /** Null once the session has ended, or its tokens were forgotten. */
  sealed_tokens: string | null;
  refresh_token_hash: string | null;
  refresh_token_prefix_hash: string | null;
  lease_holder: string | null;
  lease_until: number | null;
  started_at: number;
  last_seen_at: number;
  /** When the tokens were written. */
  renewed_at: number;
  /** The absolute end; the row is pruned after it. */
  expires_at: number;
  browser: string | null;
  system: string | null;
  ended_at: number | null;
  end_reason: string | null;
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

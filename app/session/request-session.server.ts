import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import type { EndReason } from "./end-reason";
import type { EndedSessions } from "./ended-sessions.server";
import { limitReached, type SessionLimits, sessionEnd, touch } from "./limits.server";
import type { LoginHints } from "./login-hint.server";
import { type ConfirmUse, isNewer, type Session, type SessionState } from "./session.server";
import type { Cookies, SessionCookie } from "./session-cookie.server";

export interface SessionParts {
  cookie: SessionCookie;
  /** The one whose accounts are known here. */
  issuer: string;
  hints: LoginHints;
  ended: EndedSessions;
  limits: SessionLimits;
  clock: Clock;
  log: Log;
  confirmUse: ConfirmUse;
}

/**
 * The session of one HTTP request, shared by all its loaders and committed once, after the answer
 * is made. Lazy: a request that asks for no session opens no cookie.
 */
export class RequestSession {
  readonly #parts: SessionParts;
  readonly #cookies: Cookies;
  #state: SessionState | undefined;
  /** `touch` and `renew` write the cookie of a session that was there before, `begin` that of a new one. */
  #change: "none" | "touch" | "renew" | "begin" | "clear" = "none";
  /** As the row has said that it may be written. */
  #confirmed: Session | null = null;
  /** As it was before this request counted as use. */
  #untouched: Session | null = null;
  #known: Session | null = null;

  constructor(parts: SessionParts, cookies: Cookies) {
    this.#parts = parts;
    this.#cookies = cookies;
  }

  /** The state as of now, with everything that this request has done to it. */
  read(): SessionState {
    this.#state ??= this.#open();
    if (this.#state.status === "active") {
      const endedMeanwhile = this.#parts.ended.reasonOf(this.#state.session);
      if (endedMeanwhile) {
        // Ended by another request while this one ran. That one has cleared the cookie; by now the
        // browser may hold a new session, which a late deletion would destroy. So: say nothing.
        this.#state = { status: "ended", reason: endedMeanwhile };
        this.#change = "none";
      }
    }
    return this.#state;
  }

  /** The session that this request began or came with, ended or not; null as long as none was asked for. */
  get known(): Pick<Session, "id" | "user"> | null {
    return this.#known;
  }

  /** The session of somebody who is known to be signed in; a caller without a guard is a bug. */
  active(): Session {
    const state = this.read();
    if (state.status !== "active") throw new Error("Nobody is signed in: call requireUser first.");
    return state.session;
  }

  /** Notes a use of the session, which moves the idle limit; null if there was nothing to note. */
  touch(): Session | null {
    const state = this.read();
    if (state.status !== "active") return null;
    const touched = touch(state.session, this.#parts.limits, this.#parts.clock.now());
    if (touched === state.session) return null;
    if (this.#change === "none") this.#untouched = state.session;
    this.#write(touched, this.#change === "none" ? "touch" : this.#change);
    return touched;
  }

  /**
   * Takes over renewed tokens. Older ones, any for a session that has ended, and such as can’t be
   * made to fit the cookie change nothing.
   */
  renew(renewed: Session): void {
    const state = this.read();
    if (state.status !== "active" || !isNewer(renewed, state.session)) return;
    const lastSeenAt = Math.max(renewed.lastSeenAt, state.session.lastSeenAt);
    const fitting = this.#parts.cookie.fit({ ...renewed, lastSeenAt });
    if (fitting) this.#write(fitting, "renew");
    else this.#parts.log.error("session_too_large", { alarm: true });
  }

  /**
   * Starts a new session in this browser; one that was there ends.
   *
   * @returns false, with nothing changed, when the session can’t be made to fit its cookie.
   */
  begin(session: Session): boolean {
    const fitting = this.#parts.cookie.fit(session);
    if (fitting === null) return false;
    const previous = this.read();
    if (previous.status === "active" && previous.session.id !== session.id) {
      this.#note(previous.session, "signed_out");
    }
    this.#known = fitting;
    this.#write(fitting, "begin");
    return true;
  }

  /** Ends the session for good: here, and for every copy of its cookie. */
  end(reason: EndReason): void {
    const state = this.read();
    if (state.status === "active") this.#note(state.session, reason);
    this.#state = { status: "ended", reason };
    this.#change = "clear";
  }

  /**
   * Makes sure that a cookie of an older session isn’t written over a newer one’s: just before the
   * answer goes out, its row is asked whether it is still live (FE-14). While the row can’t be asked,
   * renewed tokens are written all the same, since they may be the only ones; a mere use isn’t, and is
   * none then.
   */
  async confirm(): Promise<void> {
    if (this.#change !== "touch" && this.#change !== "renew") return;
    const state = this.read();
    if (state.status !== "active" || state.session === this.#confirmed) return;
    const confirmed = await this.#parts.confirmUse(state.session);
    if (confirmed === "live" || (confirmed === "unknown" && this.#change === "renew")) {
      this.#confirmed = state.session;
      return;
    }
    this.#change = "none";
    if (confirmed === "unknown") {
      this.#state = { status: "active", session: this.#untouched ?? state.session };
      return;
    }
    const { ended: reason } = confirmed;
    // A row that isn’t there means a database that was lost or put back: somebody has to know.
    if (reason === "unknown_session") this.#parts.log.error("session_unknown", { alarm: true });
    this.#note(state.session, reason);
    this.#state = { status: "ended", reason };
  }

  /** The `Set-Cookie` values of this request’s answer: none, unless something changed. */
  setCookies(): string[] {
    if (this.#state === undefined) return [];
    const state = this.read();
    const { limits, clock, cookie, hints } = this.#parts;
    if (this.#change === "clear" && state.status === "ended") {
      const hint = this.#known ? hints.remember(this.#known.user, state.reason) : [];
      return [...cookie.clear(this.#cookies), ...hint];
    }
    if (this.#change === "none" || state.status !== "active") return [];
    const maxAgeMs = sessionEnd(state.session, limits) - clock.now();
    return cookie.write(state.session, maxAgeMs, this.#cookies);
  }

  #write(session: Session, change: "touch" | "renew" | "begin" | "clear"): void {
    this.#state = { status: "active", session };
    this.#change = change;
  }

  #note(session: Session, reason: EndReason): void {
    this.#parts.ended.add(session.id, reason, this.#parts.clock.now());
  }

  #open(): SessionState {
    const reading = this.#parts.cookie.read(this.#cookies);
    if (reading.kind === "none") return { status: "absent" };
    if (reading.kind === "unreadable") {
      this.#parts.log.warn("crypt_decrypt_fail", { cause: reading.cause });
      // Another process may know the key, while the secret is being replaced.
      if (reading.cause === "unknown_key") return { status: "ended", reason: "unreadable" };
      return this.#ended("unreadable");
    }
    const { issuer, ended, limits, clock, log } = this.#parts;
    const { session } = reading;
    // Its tokens say nothing to our issuer, who would call them revoked. It may still be a session
    // where it was begun, so it stays where it is until a sign-in here takes its place.
    if (session.user.issuer !== issuer) return { status: "absent" };
    this.#known = session;
    log.debug("session_opened", { keyId: reading.key.id, keyPosition: reading.key.position });
    const known = ended.reasonOf(session);
    const limit = limitReached(session, limits, clock.now());
    if (known) log.warn("session_use_after_expire", { reason: known });
    else if (limit) log.info("session_expired", { reason: limit });
    const reason = known ?? limit;
    return reason === null ? { status: "active", session } : this.#ended(reason);
  }

  #ended(reason: EndReason): SessionState {
    this.#change = "clear";
    return { status: "ended", reason };
  }
}

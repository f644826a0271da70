import type { SessionReport } from "../../../app/auth/read-session.server";
import type { EndReason } from "../../../app/session/end-reason";

/** Who is signed in in the one browser there is, as its cookie and the server have it. */
export interface TrueSession {
  who: string;
  endsAt: number;
}

/** One word of the server’s, and when it was said: the `number`-th of all. */
export interface Said {
  number: number;
  report: SessionReport;
  now: number;
  /** Who was signed in then; null for nobody. */
  who: string | null;
}

const IDLE_MS = 40 * 60_000;
export const NOTICE_MS = 10 * 60_000;

/** The server as a browser meets it: one session, and forms that arrive. */
export class ServerModel {
  session: TrueSession | null = null;
  readonly #now: () => number;
  #reason: EndReason | null = null;
  #said = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  signIn(who: string): void {
    this.session = { who, endsAt: this.#now() + IDLE_MS };
    this.#reason = null;
  }

  /** @param reason as the first who asks is told it; by itself the cookie is just gone. */
  end(reason: EndReason | null): void {
    this.session = null;
    this.#reason = reason;
  }

  /** A use moves the end, which a mere look doesn’t. */
  say(isUse: boolean): Said {
    const now = this.#now();
    if (this.session && this.session.endsAt <= now) this.end(null);
    if (this.session && isUse) this.session.endsAt = now + IDLE_MS;
    this.#said += 1;
    const who = this.session?.who ?? null;
    return { number: this.#said, now, who, report: this.#report() };
  }

  #report(): SessionReport {
    if (this.session === null) {
      const reason = this.#reason;
      // The request that found the end has deleted the cookie.
      this.#reason = null;
      return { status: "unauthenticated", reason };
    }
    const { who, endsAt } = this.session;
    return {
      status: "authenticated",
      user: { id: who, name: who, email: `${who}@gmail.com`, picture: null },
      expiresAt: endsAt,
      accessTokenExpiresAt: this.#now() + 3_600_000,
      features: [],
    };
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import type { CookieJar } from "../support/cookie-jar";
import { DEPLOYMENT_ORIGIN } from "../support/deployment";
import { locationOf, Visitor } from "../support/visitor";
import { judgeAnswer, type Verdict } from "./judge-answer";
import type { Seeded } from "./seeded";
import type { Traffic } from "./traffic";

/** What the run hears of a browser. */
export interface Listener {
  signedOut(browser: ChaosBrowser, reason: string, asked: boolean): void;
  /** The app has said that this session has ended; `jar` is a copy of its cookies from before. */
  ended(jar: CookieJar): void;
  signedIn(): void;
}

const clock = { now: () => Date.now(), sleep: () => Promise.reject(new Error("Not used")) };

/** A person’s browser that goes on using the app whatever happens. */
export class ChaosBrowser {
  readonly email: string;
  readonly sub: string;
  /** Other browsers of the same person. */
  siblings: ChaosBrowser[] = [];
  isSignedIn = false;
  /** When the last request was sent that brought a page with all its data; ms. */
  healthyAt = 0;
  /** Since when it only looks whether all is well again; null: it goes about as it likes. */
  healingSince: number | null = null;
  /** Why its session may end, since somebody asked for it. */
  readonly #asked = new Set<string>();
  readonly #visitor: Visitor;
  readonly #draw: Seeded;
  readonly #listener: Listener;
  #old: CookieJar | null = null;

  constructor(
    who: { email: string; sub: string },
    traffic: Traffic,
    draw: Seeded,
    listener: Listener,
  ) {
    this.email = who.email;
    this.sub = who.sub;
    this.#draw = draw;
    this.#listener = listener;
    const fetch = (request: Request) => traffic.send(request, draw);
    this.#visitor = new Visitor({ fetch, origin: DEPLOYMENT_ORIGIN, clock });
  }

  /** @param thinkMs the longest pause between two clicks. */
  async live(ending: AbortSignal, thinkMs: number): Promise<void> {
    while (!ending.aborted) {
      try {
        await (this.isSignedIn ? this.#act() : this.#signIn());
      } catch {
        // No answer came, which is counted where it was sent.
      }
      await sleep(this.#draw.between(thinkMs / 5, thinkMs), undefined, { signal: ending }).catch(
        () => undefined,
      );
    }
  }

  /** Somebody else is about to end this browser’s session. */
  expectEnd(reason: string): void {
    this.#asked.add(reason);
  }

  async #signIn(): Promise<void> {
    this.#visitor.jar.clear();
    this.#asked.clear();
    this.#old = null;
    const answer = await this.#visitor.signIn({ account: this.email });
    if (locationOf(answer) !== "/dashboard") return;
    this.isSignedIn = true;
    this.#listener.signedIn();
  }

  async #act(): Promise<void> {
    const isHealing = this.healingSince !== null && this.healthyAt < this.healingSince;
    const dice = isHealing ? 0 : this.#draw.fraction();
    if (dice < 0.45) await this.#look("/dashboard");
    else if (dice < 0.6) {
      const paths = ["/dashboard", "/dashboard.data", "/api/session", "/dashboard"];
      await Promise.allSettled(paths.map((path) => this.#look(path)));
    } else if (dice < 0.75) await this.#look("/api/session");
    else if (dice < 0.85) await this.#look("/dashboard.data");
    else if (dice < 0.91) await this.#look("/api/session", { method: "POST" });
    else if (dice < 0.97) await this.#lookWithOldCookies();
    else if (dice < 0.99 || this.siblings.length === 0) await this.#signOut();
    else await this.#endOthers();
  }

  async #look(path: string, init: RequestInit = {}): Promise<void> {
    const sentAt = Date.now();
    const answer = await this.#visitor.request(path, init);
    const verdict = await read(path, answer);
    if (path === "/dashboard" && verdict.kind === "data") this.healthyAt = sentAt;
    this.#hear(verdict);
  }

  /** Answers that overtake each other bring older cookies back. */
  async #lookWithOldCookies(): Promise<void> {
    const cookie = (this.#old ?? this.#visitor.jar).header();
    this.#old = this.#visitor.jar.copy();
    if (cookie === null) return;
    const answer = await this.#visitor.get("/dashboard", { Cookie: cookie });
    this.#hear(await read("/dashboard", answer));
  }

  #hear(verdict: Verdict): void {
    if (verdict.kind !== "signed out" || !this.isSignedIn) return;
    this.isSignedIn = false;
    this.#old = null;
    this.#listener.signedOut(this, verdict.reason, this.#asked.has(verdict.reason));
  }

  async #signOut(): Promise<void> {
    this.#asked.add("signed_out");
    const before = this.#visitor.jar.copy();
    const verdict = await read("/logout", await this.#visitor.post("/logout"));
    if (verdict.kind === "signed out") this.#listener.ended(before);
    this.#hear(verdict);
  }

  async #endOthers(): Promise<void> {
    for (const sibling of this.siblings) sibling.expectEnd("ended_elsewhere");
    this.#hear(
      await read(
        "/account",
        await this.#visitor.post("/account", { intent: "end-other-sessions" }),
      ),
    );
  }
}

async function read(path: string, answer: Response): Promise<Verdict> {
  const { status, headers } = answer;
  return judgeAnswer({
    path,
    status,
    location: headers.get("Location"),
    body: await answer.text(),
  });
}

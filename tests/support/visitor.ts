import type { SessionReport } from "../../app/auth/read-session.server";
import type { Clock } from "../../app/config/clock.server";
import { GoogleVisitor } from "../local-google/google-visitor";
import { CookieJar } from "./cookie-jar";

export interface SignInChoice {
  account?: string;
  decision?: "allow" | "cancel";
  scopes?: string[];
  returnTo?: string;
}

type Fetch = (request: Request) => Response | Promise<Response>;

/** A person with one browser: cookies of the app, and a Google where they may be signed in. */
export class Visitor {
  readonly google: GoogleVisitor;
  readonly jar: CookieJar;
  /** Google’s pages that the last sign-in showed. */
  pages: string[] = [];
  readonly #fetch: Fetch;
  readonly #origin: string;

  constructor(app: { fetch: Fetch; origin: string; clock: Clock }, jar = new CookieJar(app.clock)) {
    this.#fetch = app.fetch;
    this.#origin = app.origin;
    this.jar = jar;
    this.google = new GoogleVisitor();
  }

  /** One request with this browser’s cookies. Redirects are answers, not followed. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("Sec-Fetch-Site")) headers.set("Sec-Fetch-Site", "same-origin");
    const cookie = this.jar.header();
    if (cookie !== null && !headers.has("Cookie")) headers.set("Cookie", cookie);
    const url = new URL(path, this.#origin);
    const response = await this.#fetch(new Request(url, { ...init, headers }));
    this.jar.store(response.headers);
    return response;
  }

  get(path: string, headers: HeadersInit = {}): Promise<Response> {
    return this.request(path, { headers });
  }

  post(path: string, form: Record<string, string> = {}, headers: HeadersInit = {}) {
    return this.request(path, { method: "POST", body: new URLSearchParams(form), headers });
  }

  /** Presses the button; returns Google’s address. */
  async startSignIn(returnTo = "/dashboard"): Promise<string> {
    const response = await this.post("/auth/google", { returnTo });
    return locationOf(response);
  }

  /** What Google sends this person back with: the callback’s path and query. */
  async answerAtGoogle(authorizationUrl: string, choice: SignInChoice = {}): Promise<string> {
    const { callbackUrl, pages } = await this.google.authorize(authorizationUrl, choice);
    this.pages.push(...pages);
    const url = new URL(callbackUrl);
    return url.pathname + url.search;
  }

  /** Signs in from the button to the page behind it, through the extra consent round if there is one. */
  async signIn(choice: SignInChoice = {}): Promise<Response> {
    this.pages = [];
    return this.#throughGoogle(await this.startSignIn(choice.returnTo), choice);
  }

  /** Allows what a feature needs, on a click. */
  async allow(feature: string): Promise<Response> {
    const started = await this.post("/auth/google", { scope: feature });
    return this.#throughGoogle(locationOf(started));
  }

  async #throughGoogle(authorizationUrl: string, choice: SignInChoice = {}): Promise<Response> {
    for (let address = authorizationUrl; ; ) {
      const response = await this.get(await this.answerAtGoogle(address, choice));
      address = locationOf(response);
      if (address.startsWith("/")) return response;
    }
  }

  async session(): Promise<SessionReport> {
    const response = await this.get("/api/session");
    return (await response.json()) as SessionReport;
  }
}

export function locationOf(response: Response): string {
  const location = response.headers.get("Location");
  if (location === null) throw new Error(`Expected a redirect, got ${response.status}`);
  return location;
}

import type { Backend } from "../backend/backend.server";
import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import type { Random } from "../config/random.server";
import type { Settings } from "../config/settings.server";
import type { Google } from "../google/google.server";
import type { Background } from "../process/background.server";
import type { EndedSessions } from "../session/ended-sessions.server";
import type { SessionLimits } from "../session/limits.server";
import type { LoginHints } from "../session/login-hint.server";
import type { MadeFor } from "../session/made-for.server";
import type { Pseudonyms } from "../session/pseudonyms.server";
import type { RequestSession } from "../session/request-session.server";
import type { Cookies } from "../session/session-cookie.server";
import type { StoredTokens } from "../session/stored-tokens.server";
import type { Store } from "../store/store.server";
import type { ApiPauses } from "./access/api-pauses.server";
import type { ReadBearerUser } from "./access/bearer-user.server";
import type { RateLimiter } from "./access/rate-limiter.server";
import type { RefusedTokens } from "./access/refused-tokens.server";
import type { Revocations } from "./ending/revocations.server";
import type { OwedWrites } from "./refresh/owed-writes.server";
import type { Refresher } from "./refresh/refresh.server";
import type { SignInFinished } from "./sign-in/finish-google-sign-in.server";
import type { Transactions } from "./sign-in/transaction.server";

/** What lives as long as the process, made once in `app/server.ts`. */
export interface App {
  settings: Settings;
  clock: Clock;
  random: Random;
  /** For lines of no request; a request has a log of its own. */
  log: Log;
  pseudonyms: Pseudonyms;
  /** For whom a page’s forms were made. */
  madeFor: MadeFor;
  google: Google;
  /** One’s own API server, where there is one. */
  backend: Backend | null;
  refresher: Pick<Refresher, "refresh" | "look">;
  refusedTokens: RefusedTokens;
  apiPauses: ApiPauses;
  readBearerUser: ReadBearerUser;
  rateLimiter: RateLimiter;
  background: Background;
  /** Aborts when the process begins to stop. */
  stopping: AbortSignal;
  transactions: Transactions;
  /** Sign-ins whose callback is being answered, by state. */
  finishing: Map<string, Promise<SignInFinished>>;
  ended: EndedSessions;
  /** What the database couldn’t take yet. */
  owed: OwedWrites;
  revocations: Revocations;
  /** People and their sessions, shared by all processes. */
  store: Store;
  storedTokens: StoredTokens;
  hints: LoginHints;
  limits: SessionLimits;
}

/** What lives as long as one HTTP request. All its loaders and actions share it: Remix’s load context. */
export type RequestContext = {
  app: App;
  /** How the request came, at the public address. What loaders get of it, Remix has written anew. */
  asked: { method: string; url: URL };
  session: RequestSession;
  cookies: Cookies;
  /** The browser only guesses that this page will be wanted (`Sec-Purpose: prefetch`). */
  prefetch: boolean;
  requestId: string;
  /** Whose limits count: an IPv4 address, or a network of IPv6. */
  clientAddress: string;
  /** Each line carries what is known of the request: its id, route, address, person and session. */
  log: Log;
  /** For this answer’s Content-Security-Policy. */
  nonce: string;
};

declare module "@remix-run/server-runtime" {
  interface AppLoadContext extends RequestContext {}
}

import { hasStub } from "./stub-api";

export type Endpoint =
  | "authorize"
  | "token"
  | "userinfo"
  | "jwks"
  | "discovery"
  | "risc"
  | "revoke"
  | "tokeninfo"
  | "calendar"
  /** A stub of `features.ts`, whatever its path. */
  | "api";

/** One request to an endpoint of Google’s, as it arrived. */
export type Call = {
  endpoint: Endpoint;
  method: string;
  /** ms since the epoch, by the local Google’s clock */
  at: number;
  grantType?: string;
  clientAuth?: "post" | "basic" | "none";
  /** The port at the other end of its connection, by which its process can be told. */
  fromPort?: number;
  /** Raw query and form fields, secrets included. */
  params: Record<string, string>;
  /** Filled in when the answer is known; stays undefined if none was given. */
  status?: number;
};

export const PATHS: Readonly<Record<Exclude<Endpoint, "api">, string>> = {
  authorize: "/o/oauth2/v2/auth",
  token: "/token",
  userinfo: "/v1/userinfo",
  jwks: "/oauth2/v3/certs",
  discovery: "/.well-known/openid-configuration",
  risc: "/.well-known/risc-configuration",
  revoke: "/revoke",
  tokeninfo: "/tokeninfo",
  calendar: "/calendar/v3/calendars/primary/events",
};

const ENDPOINTS = new Map(
  Object.entries(PATHS).map(([endpoint, path]) => [path, endpoint as Endpoint]),
);

export function endpointOf(path: string): Endpoint | undefined {
  return ENDPOINTS.get(path) ?? (hasStub(path) ? "api" : undefined);
}

export class CallLog {
  #calls: Call[] = [];
  #hear: (call: Call) => void = () => {};

  list(endpoint?: Endpoint): Call[] {
    return this.#calls.filter((call) => endpoint === undefined || call.endpoint === endpoint);
  }

  count(endpoint?: Endpoint): number {
    return this.list(endpoint).length;
  }

  clear(): void {
    this.#calls = [];
  }

  /** One listener hears of each call as it arrives, while its connection is there. */
  onCall(hear: (call: Call) => void): void {
    this.#hear = hear;
  }

  add(call: Call): Call {
    this.#calls.push(call);
    this.#hear(call);
    return call;
  }
}

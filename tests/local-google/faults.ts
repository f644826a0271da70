import type { Socket } from "node:net";
import type { ApiErrorReason } from "./api-errors";
import type { Endpoint } from "./call-log";
import type { JsonObject } from "./google-answers";

export type IdTokenFlaw =
  | "wrong-signature"
  | "alg-none"
  | "hs256"
  | "es256"
  | "jwk-header"
  | "wrong-iss"
  | "short-iss"
  | "wrong-aud"
  | "missing-aud"
  | "wrong-azp"
  | "expired"
  | "missing-exp"
  | "missing-iat"
  | "future-iat"
  | "too-long-lived"
  | "missing-sub"
  | "other-sub"
  | "wrong-nonce"
  | "missing-nonce"
  | "wrong-at-hash"
  | "no-kid"
  | "unknown-kid"
  | "missing"
  | "email-verified-string"
  | "email-unverified";

export type Fault =
  /** Any answer; nothing is processed. */
  | {
      kind: "status";
      status: number;
      body?: string | JsonObject;
      headers?: Record<string, string>;
      contentType?: string;
    }
  /** An OAuth error as JSON, 400 by default; nothing is processed. */
  | {
      kind: "oauth-error";
      error: string;
      status?: number;
      description?: string;
      subtype?: string;
    }
  /** An error as Google’s APIs give it, with the status of its reason; nothing is processed. */
  | { kind: "api-error"; reason: ApiErrorReason; retryAfterSeconds?: number }
  /** The connection is reset before any answer; nothing is processed. */
  | { kind: "reset" }
  /** The request is processed, and its answer lost: the connection is reset instead. */
  | { kind: "reset-after" }
  /** No byte until released; then the connection is closed. Nothing is processed. */
  | { kind: "hang" }
  /** The request is processed, and its answer held back until released. */
  | { kind: "hold" }
  /** A 200 whose body comes byte by byte until released; nothing is processed. */
  | { kind: "drip"; everyMs?: number }
  /** 200 with an HTML page; nothing is processed. */
  | { kind: "html" }
  /** 200 with no body; nothing is processed. */
  | { kind: "empty" }
  /** The real answer, cut in the middle of its JSON. */
  | { kind: "truncated" }
  /** 200 with a JSON body of about so many bytes; nothing is processed. */
  | { kind: "huge"; bytes: number }
  /** The real JSON answer, edited: a new object, or undefined where `change` edited its argument. */
  | { kind: "rewrite"; change: (body: JsonObject) => JsonObject | undefined }
  /** The real JSON answer with these members put over it; `null` takes a member away. */
  | { kind: "merge"; merge: JsonObject }
  /** The real token answer with an ID token that is wrong in one way. Only for `token`. */
  | { kind: "id-token"; flaw: IdTokenFlaw }
  /** Edits the redirect back to the app. Only for `authorize`. */
  | { kind: "callback"; change: (url: URL) => void }
  /** The same over HTTP: `null` takes a parameter away, a list repeats it. Only for `authorize`. */
  | { kind: "callback-params"; params: Record<string, string | string[] | null> };

type Active = { fault: Fault; left: number };

/** The faults that are set, at most one for each endpoint. */
export class Faults {
  #active = new Map<Endpoint, Active>();
  #waiting = new Set<() => void>();

  /** Stays until it is cleared or replaced, or for `times` requests. */
  set(endpoint: Endpoint, fault: Fault, options: { times?: number } = {}): void {
    this.#active.set(endpoint, { fault, left: options.times ?? Number.POSITIVE_INFINITY });
  }

  /** Also releases what hangs, as nothing would otherwise. */
  clear(endpoint?: Endpoint): void {
    if (endpoint) this.#active.delete(endpoint);
    else this.#active.clear();
    this.release();
  }

  /** Lets all requests go on that hang, drip or are held now. Later ones are held again. */
  release(): void {
    for (const go of [...this.#waiting]) go();
  }

  /** How many requests hang, drip or are held at the moment. */
  get held(): number {
    return this.#waiting.size;
  }

  /** Waits for `release()`, or for the other side to give up. */
  released(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        this.#waiting.delete(go);
        socket.off("close", go);
        resolve();
      };
      this.#waiting.add(go);
      socket.once("close", go);
    });
  }

  editCallback(url: URL): void {
    const fault = this.take("authorize");
    if (fault?.kind === "callback") fault.change(url);
    if (fault?.kind !== "callback-params") return;
    for (const [name, value] of Object.entries(fault.params)) {
      url.searchParams.delete(name);
      for (const each of [value ?? []].flat()) url.searchParams.append(name, each);
    }
  }

  take(endpoint: Endpoint): Fault | undefined {
    const active = this.#active.get(endpoint);
    if (!active) return undefined;
    active.left -= 1;
    if (active.left <= 0) this.#active.delete(endpoint);
    return active.fault;
  }
}

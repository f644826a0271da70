import type { Clock } from "../../app/config/clock.server";

interface JarCookie {
  value: string;
  expiresAt: number;
}

/** A browser’s memory of one site’s cookies, as far as this app uses it (RFC 6265bis). */
export class CookieJar {
  readonly #cookies = new Map<string, JarCookie>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes over an answer’s `Set-Cookie` headers. A cookie over 4096 bytes is dropped, as browsers do. */
  store(headers: Headers): void {
    for (const header of headers.getSetCookie()) {
      const [pair = "", ...attributes] = header.split("; ");
      const name = pair.slice(0, pair.indexOf("="));
      const value = pair.slice(name.length + 1);
      if (name.length + value.length > 4096) continue;
      const maxAge = attributes.find((attribute) => attribute.startsWith("Max-Age="));
      const seconds = maxAge ? Number(maxAge.slice("Max-Age=".length)) : Number.POSITIVE_INFINITY;
      if (seconds <= 0) this.#cookies.delete(name);
      else this.#cookies.set(name, { value, expiresAt: this.#clock.now() + seconds * 1000 });
    }
  }

  /** The `Cookie` header for the next request; null when there is none to send. */
  header(): string | null {
    const pairs = this.names().map((name) => `${name}=${this.get(name)}`);
    return pairs.length === 0 ? null : pairs.join("; ");
  }

  names(): string[] {
    const now = this.#clock.now();
    return [...this.#cookies].filter(([, { expiresAt }]) => expiresAt > now).map(([name]) => name);
  }

  get(name: string): string | undefined {
    return this.#cookies.get(name)?.value;
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, { value, expiresAt: Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#cookies.clear();
  }

  /** Another browser with the same cookies: what somebody has who copied them. */
  copy(): CookieJar {
    const copy = new CookieJar(this.#clock);
    for (const [name, cookie] of this.#cookies) copy.#cookies.set(name, cookie);
    return copy;
  }
}

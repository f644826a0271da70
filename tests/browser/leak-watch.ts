import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import type { CallLog } from "../local-google/call-log";
import { findLeaks, type Said } from "../support/leak-scan";
import type { LogLine } from "../support/test-log";

type Fetch = (request: Request, env?: object) => Promise<Response>;

/** Fields of Google’s endpoints that nobody but the app and Google may see. */
const SECRET_FIELDS = ["code", "code_verifier", "client_secret", "refresh_token", "token"];
/** What Google sends a browser back with. It has to be there, and nowhere else. */
const CALLBACK = "/auth/google/callback";

/**
 * Listens at the app’s own door to all that browsers send it and get from it, and looks at what they
 * keep, for secrets. Bodies pass as they come: what streams goes on streaming.
 */
export class LeakWatch {
  readonly #said: { where: string; parts: (string | Uint8Array)[] }[] = [];
  readonly #secrets = new Set<string>();
  #linesRead = 0;

  /** How much has been heard since the last look, and how many secrets there were to find. */
  get heard(): { said: number; secrets: number } {
    return { said: this.#said.length, secrets: this.#secrets.size };
  }

  say(where: string, ...parts: (string | Uint8Array)[]): void {
    this.#said.push({ where, parts });
  }

  listenTo(fetch: Fetch): Fetch {
    return async (request, env) => {
      const { pathname, searchParams } = new URL(request.url);
      const query = pathname === CALLBACK ? "" : searchParams.toString();
      const name = `${request.method} ${pathname}`;
      const headers = [...request.headers].filter(([header]) => header !== "cookie");
      this.say(`the request ${name}`, query, "\n", textOf(headers));
      const response = await fetch(this.#hearRequest(name, request), env);
      this.say(`the head of ${name}`, textOf(response.headers));
      // The built files have no way to know a secret that was made today; they are read once.
      if (response.body === null || pathname.startsWith("/assets/")) return response;
      const { status, statusText, headers: sent } = response;
      const body = this.#hear(`the body of ${name}`, response.body);
      return new Response(body, { status, statusText, headers: sent });
    };
  }

  #hearRequest(name: string, request: Request): Request {
    if (request.body === null) return request;
    const body = this.#hear(`what is sent by ${name}`, request.body);
    return new Request(request, { body, duplex: "half" });
  }

  #hear(where: string, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const parts: Uint8Array[] = [];
    this.#said.push({ where, parts });
    return body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          parts.push(chunk.slice());
          controller.enqueue(chunk);
        },
      }),
    );
  }

  /** What Google has been asked with: it forgets at each test’s beginning. */
  learn(calls: CallLog): void {
    for (const { params } of calls.list()) {
      for (const field of SECRET_FIELDS) if (params[field]) this.#secrets.add(params[field]);
    }
  }

  readLog(lines: readonly LogLine[]): void {
    const fresh = lines.slice(this.#linesRead);
    this.#linesRead = lines.length;
    for (const line of fresh) this.say(`the log’s ${line.event}`, JSON.stringify(line));
    const redacted = fresh.filter((line) => JSON.stringify(line).includes("[redacted]"));
    // The log has saved us, but somebody has tried.
    for (const { event } of redacted) this.say(`the log’s ${event}, redacted`, "canary");
  }

  /** What open pages of the app can reach by script: a script of somebody else’s could as well. */
  async readBrowser(browser: Browser, origin: string): Promise<void> {
    const pages = browser.contexts().flatMap((context) => context.pages());
    await Promise.all(
      pages
        .filter((page) => !page.isClosed() && page.url().startsWith(origin))
        .map(async (page) =>
          this.say(`storage at ${new URL(page.url()).pathname}`, await kept(page)),
        ),
    );
  }

  readFiles(what: string, directory: string): void {
    for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
      const path = join(directory, name);
      if (statSync(path).isFile()) this.say(`${what} ${name}`, readFileSync(path));
    }
  }

  /** Where secrets were heard since the last look. */
  leaks(): string[] {
    const said = this.#said.splice(0).map(
      ({ where, parts }): Said => ({
        where,
        text: Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))).toString(
          "latin1",
        ),
      }),
    );
    return findLeaks(said, this.#secrets);
  }
}

function textOf(headers: Iterable<[string, string]>): string {
  return [...headers].map(([name, value]) => `${name}: ${value}`).join("\n");
}

/** Local and session storage, cookies that scripts can read, databases, state of the history. */
async function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const databases = await Promise.all(
      (await indexedDB.databases()).map(
        ({ name = "" }) =>
          new Promise<unknown>((resolve) => {
            const opening = indexedDB.open(name);
            opening.onerror = () => resolve(name);
            opening.onsuccess = () => {
              resolve([name, ...opening.result.objectStoreNames]);
              opening.result.close();
            };
          }),
      ),
    );
    // By their index: an item named "key" hides behind the method of that name.
    const entries = (storage: Storage) =>
      Array.from({ length: storage.length }, (_, index) => {
        const name = storage.key(index) ?? "";
        return [name, storage.getItem(name)];
      });
    const { cookie } = document;
    return JSON.stringify([
      entries(localStorage),
      entries(sessionStorage),
      cookie,
      databases,
      history.state,
    ]);
  });
}

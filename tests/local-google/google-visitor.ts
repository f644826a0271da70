export type Choice = {
  /** An email; the first account of the chooser by default. */
  account?: string;
  decision?: "allow" | "cancel";
  /** Of the scopes that may be unticked, the ones left ticked; all by default. */
  scopes?: string[];
};

export type Walk = { callbackUrl: string; pages: ("chooser" | "consent")[] };

const STEPS = 12;

/** A person with a browser of their own at the local Google, which stays signed in there. */
export class GoogleVisitor {
  readonly #fetch: typeof fetch;
  readonly #cookies = new Map<string, { value: string; path: string }>();

  constructor(options: { fetch?: typeof fetch } = {}) {
    this.#fetch = options.fetch ?? fetch;
  }

  /** Walks from the authorization URL to the redirect back to the app, which is never fetched. */
  async authorize(authorizationUrl: string, choice: Choice = {}): Promise<Walk> {
    const google = new URL(authorizationUrl).origin;
    const pages: Walk["pages"] = [];
    let url = new URL(authorizationUrl);
    let form: URLSearchParams | undefined;
    for (let step = 0; step < STEPS; step += 1) {
      const response = await this.#request(url, form);
      const location = response.headers.get("location");
      if (location !== null) {
        url = new URL(location, url);
        if (url.origin !== google) return { callbackUrl: url.href, pages };
        form = undefined;
        continue;
      }
      const html = await response.text();
      const page = pageKind(html);
      if (!page) throw new Error(`Google refused with ${response.status}: ${textOf(html)}`);
      pages.push(page);
      form = page === "chooser" ? chooserForm(html, choice) : consentForm(html, choice);
    }
    throw new Error(`No redirect back to the app after ${STEPS} steps at Google`);
  }

  /** Forgets the cookies: nobody is signed in at Google any more. */
  signOut(): void {
    this.#cookies.clear();
  }

  async #request(url: URL, form?: URLSearchParams): Promise<Response> {
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(";")[0]}=${value}`)
      .join("; ");
    const response = await this.#fetch(url, {
      method: form ? "POST" : "GET",
      redirect: "manual",
      headers: { accept: "text/html", ...(cookie ? { cookie } : {}) },
      ...(form ? { body: form } : {}),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(/;\s*/);
    const name = pair.slice(0, pair.indexOf("="));
    const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? "/";
    const key = `${name};${path}`;
    if (attributes.some((each) => /^expires=Thu, 01 Jan 1970/i.test(each))) {
      this.#cookies.delete(key);
    } else {
      this.#cookies.set(key, { value: pair.slice(name.length + 1), path });
    }
  }
}

function pageKind(html: string): Walk["pages"][number] | undefined {
  if (html.includes('name="account"')) return "chooser";
  return html.includes('value="allow"') ? "consent" : undefined;
}

function chooserForm(html: string, choice: Choice): URLSearchParams {
  const buttons = [
    ...html.matchAll(/name="account" value="([^"]*)">[^<]*<span>([^<]*)<\/span>/g),
  ].map(([, sub = "", email = ""]) => ({ sub, email }));
  // Someone who cancels without having said who they are does so here.
  if (choice.decision === "cancel" && choice.account === undefined) return cancelled();
  const chosen =
    choice.account === undefined
      ? buttons[0]
      : buttons.find(({ email }) => email === choice.account);
  if (!chosen) throw new Error(`No account ${choice.account ?? ""} on the account chooser`);
  return new URLSearchParams({ account: chosen.sub });
}

function consentForm(html: string, choice: Choice): URLSearchParams {
  if (choice.decision === "cancel") return cancelled();
  const form = new URLSearchParams({ decision: "allow" });
  for (const [, scope = ""] of html.matchAll(/name="scope" value="([^"]*)"/g)) {
    if (choice.scopes?.includes(scope) ?? true) form.append("scope", scope);
  }
  return form;
}

function cancelled(): URLSearchParams {
  return new URLSearchParams({ decision: "cancel" });
}

function textOf(html: string): string {
  return html
    .replaceAll(/<style>.*?<\/style>|<[^>]*>/gs, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

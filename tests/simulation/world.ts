import { CookieJar } from "../support/cookie-jar";
import {
  cookiePolicy,
  createSealer,
  createSessionCookie,
  parseCookieHeader,
  type Session,
} from "./app-parts";
import { openDatabase } from "./database";
import { type FleetParts, ORIGIN, type Server, seededRandom, startServer } from "./fleet";
import { createSimulatedGoogle, type TokenUse } from "./google";
import type { Kernel } from "./kernel";
import { createTruth } from "./truth";

/** One browser of a person’s; its tabs share the jar. */
export interface Browser {
  name: string;
  sub: string;
  jar: CookieJar;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

const SECRETS = ["first", "second", "third", "fourth"].map(
  (name) => `${name}-Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6PaQ8`,
);
const FAULTS = [
  "request",
  "answer",
  "google-request",
  "google-answer",
  "store-answer",
  "slow",
] as const;
type Fault = (typeof FAULTS)[number];
/** Each may hit one of so many. */
const ONE_IN = 24;
const LONGEST_ANSWER_MS = 45_000;
const ENDS = new Set([
  "endSession",
  "endSessionByHandle",
  "endSessions",
  "endAllSessions",
  "setUserDisabled",
  "deleteUser",
]);
const LEASE_MS = 15_000;

/** Servers, a Google, a database and people with browsers, on one kernel. */
export async function createWorld(kernel: Kernel, seed: number) {
  const { tape } = kernel;
  const pick = <Of>(name: string, of: readonly Of[]): Of => {
    const chosen = of[tape.draw(name, of.length)];
    if (chosen === undefined) throw new RangeError(name);
    return chosen;
  };
  const active = new Set<Fault>(FAULTS.filter((fault) => tape.draw(`world:${fault}`, 2) === 1));
  const use = pick<TokenUse>("world:use", ["many", "once", "grace"]);
  const lifeMs = pick("world:life", [60_000, 300_000, 1_500_000]);
  const skews = [0, 30_000, -30_000];
  const rare = new Map<string, number>();
  const count = (what: string) => rare.set(what, (rare.get(what) ?? 0) + 1);
  const state = {
    healing: false,
    away: false,
    google: null as ReturnType<Parameters<typeof createSimulatedGoogle>[1]["faults"]["mode"]>,
    databaseAheadMs: 0,
    secretsAt: 0,
    inFlight: 0,
    requests: 0,
  };
  const hit = (fault: Fault) =>
    !state.healing && active.has(fault) && tape.draw(`fault:${fault}`, ONE_IN) === ONE_IN - 1;
  const delay = (most = 200) =>
    hit("slow") ? 2500 : tape.draw("delay:some", 4) === 0 ? 0 : tape.draw("delay:how-long", most);

  const database = await openDatabase(
    { now: () => kernel.now() + state.databaseAheadMs },
    seededRandom(seed, "database"),
  );
  const truth = createTruth(
    kernel,
    () => google,
    () => database,
  );
  const google = createSimulatedGoogle(kernel, {
    use,
    lifeMs: () => lifeMs,
    report: (rule, text) => {
      if (!truth.inTrouble()) truth.violate(rule, text);
    },
    faults: {
      mode: () => (state.healing ? null : state.google),
      requestLost: () => hit("google-request"),
      answerLost: () => {
        const lost = hit("google-answer");
        if (lost) count("answer of Google’s lost");
        return lost;
      },
      delay,
    },
  });
  const claims = new Map<string, { holder: string; at: number }>();
  const parts: FleetParts = {
    kernel,
    google,
    database,
    seed,
    storeFaults: {
      away() {
        if (state.away) truth.trouble(60_000);
        return state.away;
      },
      answerLost() {
        const lost = hit("store-answer");
        if (lost) truth.trouble(60_000);
        return lost;
      },
      delay: () => delay(40),
    },
    async onStored(_owner, call, [arg], result) {
      const given = arg as {
        id: string;
        holder: string;
        generation: number;
        user: { sub: string };
        session: { id: string };
      };
      const came = result as { kind: string; now?: { kind: string } };
      if (call === "recordSignIn" && came.kind === "recorded") {
        truth.began(given.session.id, given.user.sub, null);
      }
      if (ENDS.has(call)) await kernel.outside(truth.look());
      if (call === "claimRefresh") {
        count(`claim: ${came.kind}`);
        const before = claims.get(given.id);
        if (came.kind !== "claimed") return;
        if (before && kernel.now() - before.at >= LEASE_MS) count("lease taken over");
        else if (before && !truth.inTrouble())
          truth.violate("two leases", "one was claimed while another held it");
        claims.set(given.id, { holder: given.holder, at: kernel.now() });
      }
      if (call === "releaseRefresh" && claims.get(given.id)?.holder === given.holder)
        claims.delete(given.id);
      if (call === "publishRefresh") {
        claims.delete(given.id);
        count(`publish: ${came.kind}`);
        if (came.now?.kind === "newer" && !truth.inTrouble()) {
          truth.violate("second token call", `generation ${given.generation} was renewed twice`);
        }
      }
    },
    onLog(owner, event, { cause, reason, outcome }) {
      if (event === "http_request" || event === "session_opened") return;
      kernel.note(`${owner} logs ${[event, cause, reason, outcome].filter(Boolean).join(" ")}`);
      // What is owed is lost with a process that stops while the database is away: that is documented.
      const lost = event === "owed_writes_lost" && !truth.inTrouble();
      if (event === "unexpected_error" || lost) {
        truth.violate("error", `${event} ${String(cause)}`);
      }
    },
  };

  const servers = new Map<string, { server: Server; life: number; aheadMs: number }>();
  const secretsNow = (): Server["secrets"] => {
    // [A] → [A,B] → [B,A] → [B,A,C] → …: each step reaches all processes before the next.
    const newest = Math.ceil(state.secretsAt / 2);
    const known = SECRETS.slice(0, newest + 1);
    const sealing = SECRETS[Math.floor(state.secretsAt / 2)] ?? "";
    return [sealing, ...known.filter((secret) => secret !== sealing)];
  };
  function boot(name: string): void {
    const slot = servers.get(name) ?? { life: 0, aheadMs: pick("world:skew", skews) };
    const life = slot.life + 1;
    const next = { ...slot, life } as { server: Server; life: number; aheadMs: number };
    servers.set(name, next);
    next.server = startServer(
      parts,
      name,
      life,
      secretsNow(),
      () => servers.get(name)?.aheadMs ?? 0,
    );
    kernel.note(`${name}.${life} starts`);
  }
  const names = ["p1", "p2", "p3"].slice(0, 1 + tape.draw("world:servers", 3));
  for (const name of names) boot(name);

  const browserClock = { now: kernel.now, sleep: async () => {} };
  const people = ["ada", "bob"].slice(0, 1 + tape.draw("world:people", 2));
  const browsers: Browser[] = ["b1", "b2", "b3"]
    .slice(0, 1 + tape.draw("world:browsers", 3))
    .map((name) => ({ name, sub: pick("world:whose", people), jar: new CookieJar(browserClock) }));
  const policy = cookiePolicy(ORIGIN);
  const [first = "", ...others] = SECRETS;
  const codec = createSessionCookie(
    policy,
    createSealer("session", [first, ...others], seededRandom(seed, "reader")),
  );
  const sessionIn = (cookie: string | null): Session | null => {
    const read = codec.read(parseCookieHeader(cookie));
    return read.kind === "session" ? read.session : null;
  };

  function judge(
    answer: Answer,
    asked: { session: Session | null; sentAt: number; path: string; server: Server },
  ) {
    const { session, sentAt, path, server } = asked;
    const { status, headers, body } = answer;
    const readable = body + (headers.get("Location") ?? "");
    if (/ya29\.|1\/\/refresh/.test(readable)) truth.violate("token shown", path);
    if (status >= 500 && status !== 503) truth.violate("error", `${path} answered ${status}`);
    for (const cookie of headers.getSetCookie()) {
      const isSafe =
        /; Path=\/; HttpOnly; Secure; SameSite=Lax$/.test(cookie) && !/Domain=/.test(cookie);
      if (!isSafe || !cookie.startsWith("__Host-Http-")) truth.violate("cookie’s attributes", path);
      const written = sessionIn(cookie.split(";")[0] ?? "");
      if (written) truth.held(written);
    }
    const toLogin = /\/login\?[^"\s]*/.exec(readable)?.[0];
    const where = `${server.name} at ${path.split("?")[0]}`;
    if (path === "/api/session") {
      const report = JSON.parse(body) as { status: string; reason: string | null };
      if (report.status === "authenticated" && session)
        truth.saidLive(session, sentAt, server.startedAt, where);
      if (report.status === "unauthenticated") truth.saidEnded(session, report.reason, where);
    } else if (/^\/(dashboard|account)/.test(path)) {
      if (toLogin)
        truth.saidEnded(session, new URL(toLogin, ORIGIN).searchParams.get("reason"), where);
      else if (status === 200 && session) truth.saidLive(session, sentAt, server.startedAt, where);
    }
  }

  /** One request of a browser’s, to whichever server. @returns null where no answer came. */
  async function request(
    browser: Pick<Browser, "name" | "jar">,
    method: "GET" | "POST",
    path: string,
    options: { form?: Record<string, string>; body?: string; type?: string } = {},
  ): Promise<Answer | null> {
    const sentAt = kernel.now();
    const cookie = browser.jar.header();
    const session = sessionIn(cookie);
    const listening = [...servers.values()].filter(({ server }) => server.listening);
    state.inFlight += 1;
    state.requests += 1;
    try {
      const short = path.split("?")[0];
      if (listening.length === 0) {
        await kernel.wait(browser.name, `${method} ${short} finds nobody`, 100);
        return null;
      }
      const { server } = pick("pick:server", listening);
      const lost = hit("request");
      await kernel.wait(
        browser.name,
        `${method} ${short} goes to ${server.owner}`,
        lost ? 1000 : delay(),
      );
      if (lost || !server.listening) return null;
      const headers = new Headers({ "Sec-Fetch-Site": "same-origin", "User-Agent": "Simulated/1" });
      if (cookie !== null) headers.set("Cookie", cookie);
      if (options.type) headers.set("Content-Type", options.type);
      const body = options.form ? new URLSearchParams(options.form) : (options.body ?? null);
      const arrived = kernel.now();
      const asked = new Request(new URL(path, ORIGIN), { method, headers, body });
      const answering = Promise.resolve(server.latchkey.fetch(asked)).then(async (response) => ({
        status: response.status,
        headers: response.headers,
        body: await response.text(),
      }));
      const answer = await Promise.race([answering, server.died.then(() => null)]);
      if (answer === null) return null;
      const took = kernel.now() - arrived;
      if (took > LONGEST_ANSWER_MS) truth.violate("late answer", `${path} took ${took} ms`);
      if (path === "/logout" && session && !truth.inTrouble()) {
        // What it says was done was written down.
        const row = await kernel.outside(database.rowOf(session.id));
        if (row === "live") truth.violate("end not kept", "a sign-out was said to be done");
      }
      kernel.note(`${server.owner} answers ${browser.name} ${method} ${short}: ${answer.status}`);
      judge(answer, { session, sentAt, path, server });
      const goesAstray = hit("answer");
      await kernel.wait(browser.name, `answer of ${short} comes`, goesAstray ? 1000 : delay());
      if (goesAstray) {
        count("answer lost");
        return null;
      }
      const before = sessionIn(browser.jar.header());
      browser.jar.store(answer.headers);
      if (path === "/dashboard" && answer.status === 200 && session) truth.used(session.id);
      const after = sessionIn(browser.jar.header());
      if (before && after && before.id === after.id && after.generation < before.generation) {
        count("older generation came back");
      }
      return answer;
    } finally {
      state.inFlight -= 1;
    }
  }

  return {
    kernel,
    tape,
    state,
    truth,
    google,
    database,
    servers,
    browsers,
    people,
    rare,
    count,
    pick,
    boot,
    request,
    sessionIn,
    secretsNow,
    use,
    delay,
    active,
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

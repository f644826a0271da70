import { LIMITS } from "./fleet";
import type { Browser, World } from "./world";

/** One thing that somebody does, or that happens to the machines. */
export interface Action {
  name: string;
  /** What it weighs among the others. */
  weight: number;
  /** What happens at once is done when it resolves; what it waits for goes on beside others. */
  run(world: World, browser: Browser): Promise<void>;
}

const location = (answer: { headers: Headers } | null) => answer?.headers.get("Location") ?? null;

async function signIn(world: World, browser: Browser, sub = browser.sub): Promise<void> {
  let next = location(
    await world.request(browser, "POST", "/auth/google", { form: { returnTo: "/dashboard" } }),
  );
  for (let round = 0; round < 3 && next?.startsWith("https://"); round++) {
    await world.kernel.wait(browser.name, "chooses an account", 500);
    const callback = world.google.authorize(next, sub);
    const before = world.sessionIn(browser.jar.header());
    if (before) world.truth.cause(before.id, "signed_out");
    const again = world.tape.draw("pick:again", 4) === 3;
    const other = again ? world.request(browser, "GET", callback) : null;
    const answer = await world.request(browser, "GET", callback);
    await other;
    const now = world.sessionIn(browser.jar.header());
    next = location(answer);
    if (next === "/dashboard" && now && now.user.id !== sub && now.id !== before?.id) {
      world.truth.violate("somebody else", `${sub} became ${now.user.id}`);
    }
  }
}

/** An account action, with what it may end told to the truth for as long as it is under way. */
async function onAccount(
  world: World,
  browser: Browser,
  intent: string,
  form: Record<string, string> = {},
) {
  const session = world.sessionIn(browser.jar.header());
  if (!session) return;
  const sub = session.user.id;
  const { truth } = world;
  const over: (() => void)[] = [];
  if (intent === "end-other-sessions") over.push(truth.concern(sub, "ended_elsewhere", session.id));
  if (intent === "end-all-sessions") over.push(truth.concern(sub, "ended_elsewhere"));
  if (intent === "disconnect-google") over.push(truth.concern(sub, "disconnected"));
  if (intent === "delete-account") over.push(truth.concern(sub, "account_deleted"));
  if (intent === "end-all-sessions") truth.cause(session.id, "signed_out");
  await world.request(browser, "POST", "/account", { form: { intent, ...form } });
  // Its answer may be lost while the work goes on.
  await world.kernel.wait(browser.name, "is done", 20_000);
  for (const each of over) each();
}

async function operator(
  world: World,
  reason: string,
  work: (sub: string) => Promise<unknown>,
): Promise<void> {
  if (world.state.away) return;
  const sub = world.pick("pick:person", world.people);
  const over = world.truth.concern(sub, reason);
  await world.kernel.outside(work(sub));
  await world.kernel.outside(world.truth.look());
  over();
}

async function skip(world: World, ms: number): Promise<void> {
  // No call of the database lasts for minutes: a process gives it up after four seconds.
  const isAtRest = () => world.state.inFlight === 0 && !world.kernel.waitsFor("store");
  for (let tries = 0; tries < 4; tries++) {
    await world.kernel.wait("world", "lets things come to rest", 3000);
    if (isAtRest()) break;
  }
  if (isAtRest()) world.kernel.skip(ms);
}

const ISSUER = "https://accounts.google.com";

export const ACTIONS: readonly Action[] = [
  { name: "signs in", weight: 12, run: (world, browser) => signIn(world, browser) },
  {
    name: "loads a page",
    weight: 8,
    run: async (world, browser) => void (await world.request(browser, "GET", "/dashboard")),
  },
  {
    name: "follows a link",
    weight: 8,
    run: async (world, browser) => void (await world.request(browser, "GET", "/dashboard.data")),
  },
  {
    name: "reads the session",
    weight: 4,
    run: async (world, browser) => void (await world.request(browser, "GET", "/api/session")),
  },
  {
    name: "stays signed in",
    weight: 2,
    run: async (world, browser) => void (await world.request(browser, "POST", "/api/session")),
  },
  {
    name: "asks many times with one cookie",
    weight: 8,
    async run(world, browser) {
      const paths = [
        "/dashboard",
        "/dashboard.data",
        "/api/session",
        "/account.data",
        "/dashboard.data?_routes=routes%2Fdashboard",
      ];
      const many = 2 + world.tape.draw("pick:many", 4);
      await Promise.all(
        Array.from({ length: many }, () =>
          world.request(browser, "GET", world.pick("pick:path", paths)),
        ),
      );
    },
  },
  {
    name: "signs out",
    weight: 3,
    async run(world, browser) {
      const session = world.sessionIn(browser.jar.header());
      if (session) world.truth.cause(session.id, "signed_out");
      if (world.state.away) world.count("end during outage");
      await world.request(browser, "POST", "/logout");
    },
  },
  {
    name: "ends the other sessions",
    weight: 2,
    run: (world, browser) => onAccount(world, browser, "end-other-sessions"),
  },
  {
    name: "ends all sessions",
    weight: 2,
    run: (world, browser) => onAccount(world, browser, "end-all-sessions"),
  },
  {
    name: "disconnects Google",
    weight: 1,
    run: (world, browser) => onAccount(world, browser, "disconnect-google"),
  },
  {
    name: "deletes the account",
    weight: 1,
    run: (world, browser) => onAccount(world, browser, "delete-account", { confirm: "yes" }),
  },
  {
    name: "is disabled, and enabled again",
    weight: 1,
    run: (world) =>
      operator(world, "ended_elsewhere", async (sub) => {
        const key = { issuer: ISSUER, sub, reason: "ended_elsewhere" };
        await world.database.store.setUserDisabled({ ...key, disabled: true });
        await world.database.store.setUserDisabled({ ...key, disabled: false });
      }),
  },
  {
    name: "is the subject of a security event",
    weight: 1,
    async run(world) {
      const sub = world.pick("pick:person", world.people);
      const body = world.google.securityEvent(sub, "sessions-revoked");
      const over = world.truth.concern(sub, "security_event");
      const nobody = {
        name: "google",
        jar: { header: () => null, store() {} } as unknown as Browser["jar"],
      };
      const type = "application/secevent+jwt";
      await world.request(nobody, "POST", "/auth/google/events", { body, type });
      await world.kernel.wait("google", "is done", 20_000);
      over();
    },
  },
  {
    name: "takes the grant back at Google",
    weight: 1,
    async run(world, browser) {
      world.google.revokeAll(browser.sub);
    },
  },
  {
    name: "has its access token refused by an API",
    weight: 2,
    async run(world, browser) {
      const session = world.sessionIn(browser.jar.header());
      if (session) world.google.refuse(session.tokens.accessToken);
      await world.request(browser, "GET", "/dashboard.data");
    },
  },
  {
    name: "comes when the token is due",
    weight: 40,
    async run(world, browser) {
      const session = world.sessionIn(browser.jar.header());
      if (!session) return;
      const { issuedAt, expiresAt } = session.tokens;
      const life = expiresAt - issuedAt;
      const due = expiresAt - Math.min(600_000, life / 2);
      const at = world.pick("pick:moment", [due, due - 1000, expiresAt - 500, expiresAt + 5000]);
      const left = at - world.kernel.now() - 3000;
      if (left > 0) await skip(world, left);
      if (at === due) world.count("refresh at the edge");
      const paths = ["/dashboard", "/dashboard.data", "/api/session"];
      const others = world.browsers.filter(({ sub }) => sub === browser.sub);
      await Promise.all(
        others.flatMap((each) => paths.map((path) => world.request(each, "GET", path))),
      );
    },
  },
  {
    name: "is away for a while",
    weight: 3,
    run: (world) => skip(world, world.pick("pick:while", [30_000, 90_000, 400_000])),
  },
  { name: "idles out", weight: 1, run: (world) => skip(world, LIMITS.idleMs) },
  {
    name: "kills a server",
    weight: 4,
    async run(world) {
      const alive = [...world.servers].filter(([, { server }]) => server.alive);
      if (alive.length === 0) return;
      const [name, { server }] = world.pick("pick:victim", alive);
      world.kernel.note(`${server.owner} is killed`);
      server.kill();
      await world.kernel.wait(
        "world",
        `${name} is started again`,
        world.pick("delay:restart", [500, 5000, 20_000]),
      );
      world.boot(name);
    },
  },
  {
    name: "replaces the servers in turn",
    weight: 2,
    run: (world) => rollOut(world),
  },
  {
    name: "replaces the secret by a step",
    weight: 2,
    async run(world) {
      if (world.state.secretsAt >= 6) return;
      const current = world.secretsNow().join();
      const all = [...world.servers.values()].every(
        ({ server }) => server.alive && server.secrets.join() === current,
      );
      if (!all) return;
      world.state.secretsAt += 1;
      await rollOut(world);
    },
  },
  {
    name: "takes the database away",
    weight: 4,
    async run(world) {
      const ms = world.pick("delay:outage", [300, 4000, 30_000]);
      world.state.away = true;
      world.truth.trouble(ms + 30_000);
      await world.kernel.wait("world", "the database is back", ms);
      world.state.away = false;
      world.truth.trouble(30_000);
    },
  },
  {
    name: "puts an older database back",
    weight: 1,
    async run(world) {
      await world.kernel.outside(world.database.keepCopy());
      await world.kernel.wait(
        "world",
        "the copy is put back",
        world.pick("delay:copy", [1000, 20_000]),
      );
      world.truth.trouble(3_600_000);
      await world.kernel.outside(
        world.database.restore(world.pick("pick:copy", ["copy", "nothing"] as const)),
      );
      await world.kernel.outside(world.truth.lookAnew());
      world.count("database put back");
    },
  },
  {
    name: "sets a server’s clock",
    weight: 1,
    async run(world) {
      const slot = world.pick("pick:clock", [...world.servers.values()]);
      slot.aheadMs = world.pick("pick:ahead", [0, 45_000, -45_000]);
    },
  },
  {
    name: "puts Google in trouble",
    weight: 4,
    async run(world) {
      const modes = ["down", "status_500", "html", "invalid_client", "slow", "reset"] as const;
      world.state.google = world.pick("pick:mode", modes);
      await world.kernel.wait(
        "world",
        "Google is well again",
        world.pick("delay:trouble", [2000, 15_000, 70_000]),
      );
      world.state.google = null;
    },
  },
];

async function rollOut(world: World): Promise<void> {
  for (const [name, { server }] of [...world.servers]) {
    if (!server.alive || world.servers.get(name)?.server !== server) continue;
    await server.stop();
    // Killed meanwhile, it was started by whoever killed it.
    if (world.servers.get(name)?.server === server) world.boot(name);
  }
}

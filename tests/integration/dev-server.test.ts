import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../app/config/clock.server";
import { GoogleVisitor } from "../local-google/google-visitor";
import { describeOnPostgres } from "../support/databases";
import { type DevServer, startDevServer } from "../support/dev-server";
import { followRecipe, insert } from "../support/follow-recipe";
import { freePort } from "../support/free-port";
import { locationOf, Visitor } from "../support/visitor";

const STARTS_WITHIN_MS = 90_000;

const visitorAt = (dev: DevServer, origin: string) =>
  new Visitor({ fetch: dev.fetch, origin, clock: systemClock });

describe("npm run dev in a shell that is set up for production, opened to the network in .env", () => {
  let dev: DevServer;
  let origin: string;
  beforeAll(async () => {
    dev = await startDevServer({ NODE_ENV: "production" }, (folder) => {
      writeFileSync(join(folder, ".env"), "HOST=0.0.0.0\nMETRICS_TOKEN=private-in-dot-env\n");
      writeFileSync(join(folder, ".env.local"), "# private-in-dot-env-local\n");
      mkdirSync(join(folder, "kept"));
      symlinkSync("kept", join(folder, "data"));
    });
    origin = `http://localhost:${dev.port}`;
  }, STARTS_WITHIN_MS);
  afterAll(() => dev.stop());

  it("FD-3 serves its pages all the same", async () => {
    const visitor = visitorAt(dev, origin);
    expect((await visitor.get("/")).status).toBe(200);
    expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    expect(await (await visitor.get("/dashboard")).text()).toContain("Ada Lovelace");
  });

  it.skipIf(process.platform !== "linux")("FD-2 listens where HOST says", async () => {
    // An address of this machine that a server on localhost doesn’t answer at.
    const { status } = await fetch(`http://127.0.0.2:${dev.port}/healthz`, { redirect: "manual" });
    expect(status).toBeLessThan(400);
    const google = /Local Google +http:\/\/localhost:(\d+)/.exec(dev.printed())?.[1];
    const discovery = `http://127.0.0.2:${google}/.well-known/openid-configuration`;
    expect((await fetch(discovery)).status).toBe(200);
  });

  it.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"])(
    "FD-6 is unknown by the name %s, the app and Vite’s files alike",
    async (name) => {
      const headers = { host: `${name}:${dev.port}` };
      for (const path of ["/", "/login", "/healthz", "/app/root.tsx", "/@vite/client"]) {
        const { status, body } = await dev.get(path, headers);
        expect([status, body]).toEqual([403, expect.stringContaining("APP_ORIGIN")]);
      }
    },
  );

  /** Ways in which Vite hands out a file, and in which its own list of what it denies was got around. */
  const WAYS = [
    (path: string) => path,
    (path: string) => `/@fs${join(dev.folder, path)}`,
    (path: string) => `/@fs/${join(dev.folder, path)}`,
    (path: string) => `/@fs/x/x/x/vite/../../../..${join(dev.folder, path)}`,
    (path: string) => `/@id/${join(dev.folder, path)}`,
    (path: string) => `/${join(dev.folder, path)}`,
    (path: string) => path.replace("data", "DATA").replace(".env", ".ENV"),
    (path: string) => path.replaceAll("a", "%61").replace(".env", "%2eenv"),
    (path: string) => `/app/..${path}`,
    (path: string) => `/app/%2e%2e${path}`,
    (path: string) => `${path}%00.js`,
    (path: string) => `${path}#/x.js`,
  ];
  const QUERIES = [
    ...["", "?", "?raw", "?raw??", "?url", "?import", "?import&raw", "?import&url&inline"],
    ...["?import&raw??", "?raw?import", "?t=1", "?.svg?.wasm?init", "?inline=1.wasm?init"],
  ];

  it.each([
    "/data/session-secret",
    "/data/latchkey.db",
    "/data/local-google.json",
    "/kept/session-secret",
    "/kept/latchkey.db",
    "/.env",
    "/.env.local",
  ])("FD-6 gives %s to nobody, whatever the way", async (file) => {
    const google = readFileSync(join(dev.folder, "data/local-google.json"), "utf8");
    const known = [
      readFileSync(join(dev.folder, "data/session-secret"), "utf8").trim(),
      String(JSON.parse(google).clientSecret),
      "private-in-dot-env",
      "SQLite format 3",
    ];
    const encoded = known.map((text) => Buffer.from(text).toString("base64").slice(0, 10));
    const told: string[] = [];
    for (const way of WAYS) {
      for (const query of QUERIES) {
        const { status, body } = await dev.get(way(file) + query, { Accept: "*/*" });
        const tells = [...known, ...encoded].some((text) => body.includes(text));
        if (tells) told.push(`${status} ${way(file)}${query}`);
      }
    }
    expect(told).toEqual([]);
  });
});

describe("npm run dev behind a tunnel", () => {
  const TUNNEL = "https://dev.example.test";
  let dev: DevServer;
  beforeAll(async () => {
    dev = await startDevServer({}, (folder) => {
      writeFileSync(join(folder, ".env"), `APP_ORIGIN=${TUNNEL}\n`);
    });
  }, STARTS_WITHIN_MS);
  afterAll(() => dev.stop());

  it("FD-2 serves the pages of APP_ORIGIN, and all that they load", async () => {
    const visitor = visitorAt(dev, TUNNEL);
    const page = await (await visitor.get("/login")).text();
    const named = page.matchAll(/(?:src=|href=|from |import )"(\/(?:@|app|node_modules)[^"]*)"/g);
    const paths = [...new Set([...named].map(([, path = ""]) => path.replaceAll("&amp;", "&")))];
    expect(paths).toContainEqual(expect.stringContaining("root.css"));
    expect(paths).toContainEqual(expect.stringContaining("entry.client.tsx"));
    for (const path of [...paths, "/@vite/client"]) {
      expect([path, (await visitor.get(path, { Origin: TUNNEL })).status]).toEqual([path, 200]);
    }
  });

  it("FD-2 tells a page of APP_ORIGIN what has changed", async () => {
    const client = await (await visitorAt(dev, TUNNEL).get("/@vite/client")).text();
    const token = /wsToken = "([^"]+)"/.exec(client)?.[1] ?? "";
    const status = await new Promise<number>((resolve, reject) => {
      const upgrade = httpRequest({
        host: "localhost",
        port: dev.port,
        path: `/?token=${token}`,
        headers: {
          Host: "dev.example.test",
          Origin: TUNNEL,
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
          "Sec-WebSocket-Protocol": "vite-hmr",
        },
      });
      upgrade.on("upgrade", (answer, socket) => {
        socket.destroy();
        resolve(answer.statusCode ?? 0);
      });
      upgrade.on("response", (answer) => resolve(answer.statusCode ?? 0));
      upgrade.on("error", reject);
      upgrade.end();
    });
    expect(status).toBe(101);
  });

  it("FD-2 signs people in there, with the local Google", async () => {
    const visitor = visitorAt(dev, TUNNEL);
    expect(dev.printed()).toContain(
      "Only a browser that reaches the local Google there can sign in",
    );
    expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    expect(visitor.jar.names()).toContain("__Host-Http-latchkey");
    expect(await (await visitor.get("/dashboard")).text()).toContain("Ada Lovelace");
  });
});

describe("npm run dev with a feature of one’s own, by README’s recipe", () => {
  const API = "https://tasks.googleapis.com/tasks/v1/lists/@default/tasks";
  const ANY_CALL = `import { requireUser } from "../auth/require-user.server";
export async function loader({ request, context }) {
  const { google, features } = await requireUser({ request, context });
  const asked = new URL(request.url).searchParams.get("api");
  return Response.json({ features, result: await google.fetch(asked) });
}`;
  /** Teaches one more, with what a stub is asked. */
  const BELOW = `{
  scope: "https://www.googleapis.com/auth/tasks.readonly",
  consent: "",
  api: {
    "https://tasks.googleapis.com/tasks/v1/users/": ({ url }) => Response.json({ url }),
    "/drive/v3/files/": ({ url }) => Response.json({ url }),
  },
},`;
  let dev: DevServer;
  let visitor: Visitor;
  beforeAll(async () => {
    // At the same port after a restart, so that the session is of the same Google.
    const LOCAL_GOOGLE_PORT = String(await freePort());
    dev = await startDevServer({ LOCAL_GOOGLE_PORT }, (folder) => {
      const other = `other: {
  scopes: ["https://example.test/untaught"],
  apis: ["https://gmail.googleapis.com"],
  purpose: "",
  page: "/x",
},`;
      followRecipe(folder);
      insert(join(folder, "app/google/scopes.ts"), "FEATURES = {", other);
      insert(join(folder, "tests/local-google/features.ts"), "LocalFeature[] = [", BELOW);
      writeFileSync(join(folder, "app/routes/call.ts"), ANY_CALL);
    });
    visitor = visitorAt(dev, `http://localhost:${dev.port}`);
    await visitor.signIn();
  }, STARTS_WITHIN_MS);
  afterAll(() => dev.stop());
  const call = async (address: string) =>
    (await visitor.get(`/call?api=${encodeURIComponent(address)}`)).json();
  /** The calls that have come to the local Google’s stubs. */
  const callsOfStubs = async () => {
    const asked = locationOf(await visitor.post("/auth/google"));
    return (await fetch(new URL("/_local/calls?endpoint=api", asked))).json();
  };

  it("DA-16 FD-9 sends nothing to its API before it is allowed, and its page asks", async () => {
    expect(await call(API)).toMatchObject({ features: [], result: { code: "scope_missing" } });
    const page = await (await visitor.get("/tasks")).text();
    expect(page).toContain('name="scope" value="tasks"');
    expect(page).not.toContain("Post the letters");
    expect(await callsOfStubs()).toEqual([]);
  });

  it("DA-15 FD-9 asks for its scope in its own words, calls its API’s own host, and its page shows it", async () => {
    let seen = "";
    const browser = new GoogleVisitor({
      fetch: async (...request) => {
        const answer = await fetch(...request);
        seen += await answer.clone().text();
        return answer;
      },
    });
    const form = { scope: "tasks", returnTo: "/tasks" };
    const asked = locationOf(await visitor.post("/auth/google", form));
    const { pathname, search } = new URL((await browser.authorize(asked)).callbackUrl);
    expect(seen).toContain("View your tasks");
    expect(locationOf(await visitor.get(pathname + search))).toBe("/tasks");
    expect(await (await visitor.get("/tasks")).text()).toContain("<p>Post the letters</p>");
    expect(await call(API)).toEqual({
      features: ["tasks"],
      result: expect.objectContaining({
        ok: true,
        json: { items: [{ title: "Post the letters" }] },
      }),
    });
    expect(await callsOfStubs()).toHaveLength(2);
  });

  it.each([
    ["https://tasks.googleapis.com/tasks/v1/users/7?fields=name"],
    ["https://www.googleapis.com/drive/v3/files/7?fields=name"],
  ])(
    "DA-17 FD-9 calls what is below an address that ends in a slash, as at Google: %s",
    async (address) => {
      expect(await call(address)).toMatchObject({ result: { json: { url: address } } });
      const path = address.replace("https://www.googleapis.com", "");
      expect(await call(path)).toMatchObject({ result: { json: { url: address } } });
    },
  );

  it.each([
    ["https://gmail.googleapis.com/gmail/v1/users/me/labels", "scope_missing"],
    ["https://people.googleapis.com/v1/people/me", "address_not_allowed"],
    ["https://tasks.googleapis.com.evil.example/tasks/v1", "address_not_allowed"],
    ["https://tasks.googleapis.com/tasks/v1/users/../lists", "address_not_allowed"],
  ])("DA-06 DA-15 DA-16 sends nothing to %s: %s", async (address, code) => {
    const before = (await callsOfStubs()).length;
    expect(await call(address)).toMatchObject({ result: { code } });
    expect(await callsOfStubs()).toHaveLength(before);
  });

  it.each([
    ["/drive/v3/about", "/drive/v3/about"],
    ["https://tasks.googleapis.com/tasks/v1/x", "https://tasks.googleapis.com/tasks/v1/x"],
  ])("FD-9 says where to teach what the local Google doesn’t know: %s", async (address, named) => {
    expect(await call(address)).toMatchObject({ result: { code: "refused" } });
    const hint = `The local Google has no ${named}. Teach it in`;
    // What a process prints may come after what it answers.
    await expect.poll(() => dev.printed()).toContain(hint);
  });

  it("FD-9 says where to teach a scope that the local Google doesn’t know", async () => {
    const asked = locationOf(await visitor.post("/auth/google", { scope: "other" }));
    const page = await (await fetch(asked)).text();
    expect(page).toContain("know the scope https://example.test/untaught. Teach it in");
    expect(page).toContain("tests/local-google/features.ts");
  });

  it("FD-9 answers anew when the file beside the feature is edited", async () => {
    const file = join(dev.folder, "app/tasks/local-google.ts");
    const text = readFileSync(file, "utf8");
    expect(text).toContain("Post the letters");
    writeFileSync(file, text.replace("Post the letters", "Feed the cat"));
    // Nobody is there for a moment while Vite starts again.
    const page = async () => (await visitor.get("/tasks")).text();
    const shown = () => page().catch(() => "");
    await expect.poll(shown, { timeout: 20_000 }).toContain("Feed the cat");
  });
});

describeOnPostgres(
  "npm run dev while its files are edited",
  (database) => {
    const OPEN =
      "select count(*)::int as open from pg_stat_activity where datname = current_database()";
    const connections = async () => Number((await database.query(OPEN))[0]?.open) - 1;
    let dev: DevServer;
    beforeAll(async () => {
      dev = await startDevServer({ DATABASE_URL: database.url() });
    }, STARTS_WITHIN_MS);
    afterAll(() => dev.stop());

    it("FD-4 keeps no connection of what ran before an edit", async () => {
      const visitor = visitorAt(dev, `http://localhost:${dev.port}`);
      const file = join(dev.folder, "app/routes/healthz.ts");
      const text = readFileSync(file, "utf8");
      const health = async () => JSON.stringify(await (await visitor.get("/healthz")).json());
      // Each app that runs opens a connection here.
      const use = async () => expect((await visitor.get("/readyz")).status).toBe(200);
      await use();
      expect(await connections()).toBe(1);
      for (const edit of ["first", "second", "third"]) {
        // Vite overlooks an edit that follows at once on the last: saved until it is noticed.
        const saved = () => {
          writeFileSync(file, text.replace('"ok"', `"${edit}"`));
          return health();
        };
        await expect.poll(saved, { interval: 500 }).toContain(edit);
        await use();
      }
      await expect.poll(connections, { timeout: 3000 }).toBe(1);
      expect(locationOf(await visitor.signIn())).toBe("/dashboard");
    });
  },
  { oneForAll: true },
);

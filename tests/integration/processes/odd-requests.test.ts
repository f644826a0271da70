import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Deployment, startDeployment } from "../../support/deployment";
import { rawRequest, sendRaw, sendText } from "../../support/raw-http";
import type { ServerProcess } from "../../support/server-process";
import { temporaryDatabase } from "../../support/temporary-database";

const HOST = "app.example.com";
const METRICS_TOKEN = "a-token-of-32-characters-0123456789";
const OWN_PAGE = { Host: HOST, "Sec-Fetch-Site": "same-origin" };

const database = temporaryDatabase();
let deployment: Deployment;
let server: ServerProcess;
beforeAll(async () => {
  deployment = await startDeployment(database.url);
  server = await deployment.start({ METRICS_TOKEN });
}, 60_000);
afterAll(async () => {
  await deployment.stop();
  database.remove();
});

async function send(bytes: string) {
  const answer = await sendRaw(server.port, bytes);
  if (answer === null) throw new Error("The server said nothing");
  return answer;
}

const get = (target: string, headers: Record<string, string> = {}) =>
  rawRequest(`GET ${target} HTTP/1.1`, { Host: HOST, ...headers });
const post = (target: string, headers: Record<string, string>, body = "") =>
  rawRequest(`POST ${target} HTTP/1.1`, { ...OWN_PAGE, ...headers }) + body;
const chunked = { "Transfer-Encoding": "chunked" };

function lengthsOf(text: string) {
  const [head = ""] = text.split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  return { status, lengths: head.match(/^content-length:/gim) ?? [] };
}

/** What was logged as a mistake of the app’s. */
const mistakes = () => server.log().filter(({ level }) => level === "error");

describe("what the socket answers", () => {
  it("FB-9 has one length, whatever somebody’s bad host was told before", async () => {
    const tooMuch = get("/", { Cookie: `x=${"a".repeat(100_000)}` });
    for (const [bytes, status] of [
      [get("/", { Host: "bad host" }), 400],
      [tooMuch, 431],
    ] as const) {
      const { status: told, lengths } = lengthsOf(await sendText(server.port, bytes));
      expect(told).toBe(status);
      expect(lengths).toHaveLength(1);
    }
  });
});

describe("a request that is spelt oddly", () => {
  it.each<[string, string, number]>([
    ["a parameter of Remix 1", get("/?_data="), 200],
    ["that parameter with a route", get("/dashboard?_data=routes%2Fdashboard"), 302],
    ["that parameter with rubbish, on data", get("/login.data?_data=x"), 200],
    ["that parameter, encoded", get("/login?%5Fdata=x"), 200],
    ["that parameter at a resource", get("/healthz?_data=routes%2Fhealthz"), 200],
    ["that parameter with a form", post("/logout?_data=x", { "Content-Length": "0" }), 302],
    ["routes that there aren’t", get("/login.data?_routes=__proto__,x"), 200],
    ["an index that there isn’t", post("/account?index", { "Content-Length": "0" }), 302],
    ["data of data", get("/login.data.data"), 404],
    ["data of nothing", get("/.data"), 200],
    ["a dot behind", get("/login."), 404],
    ["a slash behind", get("/login/"), 200],
    ["two slashes behind", get("/login//"), 404],
    ["slashes before", get("//evil.example/login"), 404],
    ["an encoded slash", get("/auth%2Fgoogle%2Fcallback"), 404],
    ["a lone percent sign", get("/%"), 400],
    ["a lone percent sign in the query", get("/login?returnTo=%&x=%ff"), 200],
    ["a byte of zero", get("/%00"), 404],
    ["a path out of the files", get("/assets/%2e%2e/%2e%2e/server/index.js"), 404],
    ["an address in full", get(`http://${HOST}/login`), 200],
    ["an address in full with a password", get(`http://me:secret@${HOST}/login`), 400],
    ["an address of another scheme", get(`ftp://${HOST}/login`), 400],
    ["no path", get("login"), 400],
    ["the server as a whole", rawRequest("OPTIONS * HTTP/1.1", { Host: HOST }), 400],
    ["a method of 5,000 letters", rawRequest(`${"A".repeat(5000)} / HTTP/1.1`, OWN_PAGE), 400],
    ["a method that is new", rawRequest("QUERY / HTTP/1.1", OWN_PAGE), 405],
    ["HTTP/2 from the first byte", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    ["an Expect that nobody knows", get("/", { Expect: "x" }), 417],
    [
      "a host in capitals, with its port",
      get("/login", { Host: `${HOST.toUpperCase()}:443` }),
      200,
    ],
    ["an API that there isn’t", get("/api/nothing"), 404],
    ["two hosts", get("/login", { host: "evil.example" }), 400],
    ["HTTP/1.1 without Host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
    [
      "HTTP/1.1 without Host, an address in full",
      `GET http://${HOST}/healthz HTTP/1.1\r\nConnection: close\r\n\r\n`,
      400,
    ],
    ["a transfer that isn’t chunked", post("/logout", { "Transfer-Encoding": "gzip" }), 400],
    ["a transfer chunked twice", post("/logout", { "Transfer-Encoding": "chunked, chunked" }), 400],
    [
      "a length and chunks",
      post("/logout", { ...chunked, "Content-Length": "3" }, "0\r\n\r\n"),
      400,
    ],
    ["a chunk that is none", post("/auth/google", chunked, "zz\r\nabc\r\n"), 400],
    ["a chunk that breaks off wrong", post("/logout", chunked, "3\r\nabcd\r\n0\r\n\r\n"), 400],
    ["an endless extension of a chunk", post("/logout", chunked, `0;${"a".repeat(40_000)}`), 413],
    ["a length beyond measure", post("/logout", { "Content-Length": "1".repeat(30) }), 400],
    ["a body with a GET", `${get("/login", { "Content-Length": "3" })}abc`, 200],
  ])(
    "FB-9 is answered like any other, and is no mistake of the app’s: %s",
    async (_, bytes, status) => {
      const before = mistakes().length;
      const answer = await send(bytes);
      expect(answer.status).toBe(status);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
        "referrer-policy": expect.stringMatching(/^(no-referrer|same-origin)$/),
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
      expect(answer.body).not.toContain("secret");
      expect(mistakes().slice(before)).toEqual([]);
    },
  );

  it.each(["/AUTH/google/callback", "/%61uth/Google/Callback", "/auth/google/callback/"])(
    "FB-9 hands no code on by Referer: %s",
    async (path) => {
      const answer = await send(get(`${path}?code=x&state=y`));
      expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
    },
  );

  it("FB-9 is told in JSON under /API/ too", async () => {
    const answer = await send(
      get("/API/session", { "Sec-Fetch-Site": "x", Cookie: "a;".repeat(300) }),
    );
    expect([answer.status, answer.body]).toEqual([431, '{"error":"headers_too_large"}']);
  });

  it("FB-9 may break off in its body", async () => {
    for (const path of ["/logout", "/auth/google/events", "/csp-reports", "/api/session"]) {
      const socket = connect(server.port, "127.0.0.1");
      socket.write(`POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\nSec-Fetch-Site: same-origin\r\n`);
      socket.write("Content-Type: application/secevent+jwt\r\nContent-Length: 100\r\n\r\nabc");
      // It is there when a later one is answered.
      await send(get("/healthz"));
      socket.destroy();
    }
    await expect
      .poll(() => server.log().filter(({ status }) => status === 400).length)
      .toBeGreaterThan(3);
  });
});

describe("HTTP/1.0 without Host, as load balancers speak it,", () => {
  it.each(["/healthz", "/readyz", "/metrics", "/login"])("FB-3 is answered at %s", async (path) => {
    const authorization = `Authorization: Bearer ${METRICS_TOKEN}\r\n`;
    const answer = await send(`GET ${path} HTTP/1.0\r\n${authorization}\r\n`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });
});

describe("a file that is asked for in parts", () => {
  const RANGES = [
    "bytes=5-2",
    "bytes=999999-",
    "bytes=300-900",
    "bytes=0-0",
    "bytes=-5",
    "bytes=0-1,2-3",
    "lines=1-2",
    "x",
  ];

  it.each(RANGES)("FB-1 comes whole: %s", async (range) => {
    const whole = await send(get("/favicon.svg"));
    const answer = await send(get("/favicon.svg", { Range: range }));
    expect([answer.status, answer.body]).toEqual([200, whole.body]);
    expect(answer.headers.get("Content-Length")).toBe(String(whole.body.length));
  });

  it.each(RANGES)("FB-2 is followed by the next answer, not mixed with it: %s", async (range) => {
    const file = (method: string) =>
      `${method} /favicon.svg HTTP/1.1\r\nHost: ${HOST}\r\nRange: ${range}\r\n\r\n`;
    const text = await sendTogether(file("GET") + file("HEAD") + get("/robots.txt"));
    const answers = readInTurn(text, ["GET", "HEAD", "GET"]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers[0]?.body).toMatch(/^<svg.*<\/svg>\s*$/s);
    expect(answers[2]?.body).toContain("User-agent");
  });
});

describe("an idle connection", () => {
  it("FB-4 is kept for 75 s, longer than proxies keep theirs", async () => {
    const answer = await server.fetch(new Request(`https://${HOST}/healthz`));
    expect(answer.headers.get("Keep-Alive")).toBe("timeout=75");
    await answer.text();
  });
});

describe("all of this", () => {
  it("FB-9 FB-1 counts as no mistake of the app’s", () => expect(mistakes()).toEqual([]));
});

/** All that the server says on one connection, until it closes it. */
function sendTogether(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

/** Reads answers one behind the other as clients do: each by the length that it says. */
function readInTurn(text: string, methods: readonly string[]) {
  let rest = text;
  return methods.map((method) => {
    const end = rest.indexOf("\r\n\r\n") + 4;
    const head = rest.slice(0, end);
    const length = method === "HEAD" ? 0 : Number(/content-length: (\d+)/i.exec(head)?.[1]);
    const body = rest.slice(end, end + length);
    rest = rest.slice(end + length);
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), body };
  });
}

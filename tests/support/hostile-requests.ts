import { readdirSync } from "node:fs";
import { rawRequest } from "./raw-http";

const HOST = { Host: "app.example.com" };
const OWN_PAGE = { ...HOST, "Sec-Fetch-Site": "same-origin" };
const FORM = { ...OWN_PAGE, "Content-Type": "application/x-www-form-urlencoded" };

/** Requests of a stranger’s that are long, many, nested, escaped or repeated, by what is wrong with each. */
export function hostileRequests(cookie: string): [string, string][] {
  const files = readdirSync("build/client/assets").join();
  const manifest = /manifest-(\w+)\.js/.exec(files)?.[1];
  return [
    // Cookies.
    ["30,000 cookies without a name", get("/", { Cookie: "=;".repeat(30_000) })],
    ["7,000 cookies without a name", get("/", { Cookie: "=;".repeat(7000) })],
    ["four lines of cookies", getLines("/", "Cookie", "=;".repeat(7500), 4)],
    ["one name 7,000 times", get("/", { Cookie: "a=;".repeat(5000) })],
    ["5,000 names", get("/", { Cookie: many(5000, (n) => `c${n}=`, ";") })],
    ["the session’s name 600 times", get("/dashboard", { Cookie: `${cookie}=a;`.repeat(600) })],
    [
      "400 chunks of a session",
      get("/dashboard", { Cookie: many(400, (n) => `${cookie}.${n}=a`, ";") }),
    ],
    [
      "2,000 sign-ins under way, for the way out to clear",
      get("/", { Cookie: many(1200, (n) => `${cookie}-signin-${n}=`, ";") }),
    ],
    [
      "150 sign-ins under way",
      post("/auth/google", FORM, "", {
        Cookie: many(150, (n) => `${cookie}-signin-${n}=e30`, ";"),
      }),
    ],
    ["a session of 12 KB", get("/account", { Cookie: `${cookie}=${"eyJ".repeat(4000)}` })],

    // Paths.
    ["7,500 segments", get("/a".repeat(7500))],
    ["1,000 segments of data", get(`${"/a".repeat(1000)}.data`)],
    ["60 long segments", get(`/${"a".repeat(30)}`.repeat(60))],
    ["a segment of 60 KB", get(`/${"a".repeat(60_000)}`)],
    ["15,000 slashes inside", get(`/login${"/".repeat(15_000)}x`)],
    ["1,900 slashes inside", get(`/login${"/".repeat(1900)}x`)],
    ["15,000 slashes behind", post(`/auth/google${"/".repeat(15_000)}`, FORM, "")],
    ["1,900 slashes before", get(`${"/".repeat(1900)}login`)],
    ["600 encoded slashes", get(`/${"%2F".repeat(600)}x`)],
    ["600 encoded backslashes", get(`/${"%5C".repeat(600)}x`)],
    ["20,000 broken escapes", get(`/${"%".repeat(20_000)}`)],
    ["20,000 bytes that are no text", get(`/${"%ff".repeat(15_000)}`)],
    ["10,000 steps up", get(`/${"a/../".repeat(10_000)}`)],
    ["a path under the backend’s", get(`/api/backend/${"%252e/".repeat(2000)}`)],
    ["a file in 1,000 folders", get(`/assets${"/a".repeat(1000)}`)],
    ["3,800 paths for a manifest", get(`/__manifest?version=${manifest}&p=${"/a".repeat(3800)}`)],

    // Queries.
    ["2,000 times index", get(`/login?${many(2000, () => "index=1", "&")}`)],
    ["2,000 times _routes", get(`/login.data?${many(1500, () => "_routes=a", "&")}`)],
    ["7,000 routes", get(`/login.data?_routes=${"a,".repeat(7000)}`)],
    ["7,000 parameters before sign-in", get(`/dashboard?${"&a".repeat(7000)}`)],
    ["15 KB of returnTo", get(`/login?returnTo=${"/a".repeat(7500)}`)],
    ["a returnTo of spaces", get(`/login?returnTo=/${"+".repeat(1000)}x`)],
    [
      "an error and a reason of 7 KB",
      get(`/login?error=${"%00".repeat(2000)}&reason=${"a".repeat(7000)}`),
    ],
    [
      "a callback of 15 KB",
      get(`/auth/google/callback?state=${"a".repeat(7000)}&code=${"%2F".repeat(2000)}&iss=x&iss=y`),
    ],
    ["5,000 parameters of a callback", get(`/auth/google/callback?${"&a=b".repeat(3500)}`)],

    // Other headers.
    ["7,000 forwarded addresses", get("/", { "X-Forwarded-For": "1,".repeat(7000) })],
    ["an address of 15 KB", get("/", { "X-Forwarded-For": "1:".repeat(7500) })],
    ["7,000 forwarded protocols", get("/", { "X-Forwarded-Proto": "a,".repeat(7000) })],
    ["a browser’s name of 15 KB", get("/", { "User-Agent": "a".repeat(15_000) })],
    ["a browser’s name of versions", get("/", { "User-Agent": "Mozilla/5.0 (".repeat(1100) })],
    [
      "a browser’s name like addresses of mail",
      get("/no-page", { "User-Agent": "a.".repeat(7000) }),
    ],
    ["a token of 15 KB", get("/api/me", { Authorization: `Bearer ${"a".repeat(15_000)}` })],
    ["a token of spaces", get("/api/me", { Authorization: `Bearer${" ".repeat(15_000)}(` })],
    [
      "metrics, with a token of spaces",
      get("/metrics", { Authorization: `Bearer${" ".repeat(9000)}a b` }),
    ],
    ["a purpose of 15 KB", get("/login", { "Sec-Purpose": "pre-".repeat(3700) })],
    ["a range of 7,000 parts", get("/favicon.svg", { Range: `bytes=${"0-1,".repeat(3500)}` })],
    ["5,000 languages", get("/", { "Accept-Language": "a;q=0.1,".repeat(1900) })],
    [
      "5,000 headers",
      `GET / HTTP/1.1\r\nHost: a\r\n${"a:b\r\n".repeat(1900)}Connection: close\r\n\r\n`,
    ],
    ["an origin of 15 KB", post("/logout", HOST, "", { Origin: "http://a.".repeat(1600) })],

    // Bodies.
    ["a form of 30,000 fields", post("/auth/google", FORM, "a&".repeat(30_000))],
    ["a form of 120 KB of escapes", post("/auth/google", FORM, `returnTo=${"%2F".repeat(40_000)}`)],
    ["a form of 1,500 parts", post("/auth/google", multipart(), parts(1500))],
    [
      "a form of one unending part",
      post("/auth/google", multipart(), `--x\r\n${"-".repeat(100_000)}`),
    ],
    ["a form for an action without a session", post("/account", FORM, "intent=".repeat(9000))],
    ["an event of 60 KB", post("/auth/google/events", event(), "eyJ.".repeat(15_000))],
    ["an event of dots", post("/auth/google/events", event(), ".".repeat(60_000))],
    ["an event of 120 KB", post("/auth/google/events", event(), "a".repeat(120_000))],
    ["a report of 32,000 things", post("/csp-reports", OWN_PAGE, `[${"0,".repeat(32_000)}0]`)],
    [
      "a report nested 32,000 deep",
      post("/csp-reports", OWN_PAGE, "[".repeat(32_000) + "]".repeat(32_000)),
    ],
    ["1,000 reports", post("/csp-reports", OWN_PAGE, reports(1000))],
    ["a report with an address of 60 KB", post("/csp-reports", OWN_PAGE, longReport())],
    ["a body of a megabyte", post("/logout", FORM, "a".repeat(1_000_000))],
    ["9,000 chunks", chunked("/logout", 9000)],
    ["300,000 chunks", chunked("/logout", 300_000)],
    ["300,000 chunks, refused before they are read", chunked("/login", 300_000)],
    ["300,000 chunks of a backend’s", chunked("/api/backend/things", 300_000)],
  ];
}

/** One of each kind that there is an answer for. */
export function friendlyRequests(): string[] {
  const pages = [
    "/",
    "/login",
    "/login.data",
    "/dashboard",
    "/account",
    "/no-page",
    "/favicon.svg",
  ];
  return [
    ...[...pages, "/api/me", "/api/session", "/auth/google/callback"].map((path) => get(path)),
    post("/auth/google", FORM, "returnTo=%2Fagenda"),
    post("/auth/google/events", event(), "no event"),
    post("/csp-reports", OWN_PAGE, reports(1)),
    post("/logout", multipart(), parts(3)),
    chunked("/logout", 20),
    chunked("/logout", 2000),
  ];
}

function get(path: string, headers: Record<string, string> = {}): string {
  return rawRequest(`GET ${path} HTTP/1.1`, { ...HOST, ...headers });
}

function getLines(path: string, name: string, value: string, lines: number): string {
  return get(path).replace("\r\n\r\n", `\r\n${`${name}: ${value}\r\n`.repeat(lines)}\r\n`);
}

function post(
  path: string,
  headers: Record<string, string>,
  body: string,
  more: Record<string, string> = {},
): string {
  const length = { "Content-Length": String(body.length) };
  return rawRequest(`POST ${path} HTTP/1.1`, { ...headers, ...length, ...more }) + body;
}

function chunked(path: string, count: number): string {
  const head = rawRequest(`POST ${path} HTTP/1.1`, { ...FORM, "Transfer-Encoding": "chunked" });
  return `${head}${"1\r\na\r\n".repeat(count)}0\r\n\r\n`;
}

function many(count: number, one: (n: number) => string, between: string): string {
  return Array.from({ length: count }, (_, n) => one(n)).join(between);
}

function multipart(): Record<string, string> {
  return { ...OWN_PAGE, "Content-Type": "multipart/form-data; boundary=x" };
}

function parts(count: number): string {
  const one = (n: number) => `--x\r\nContent-Disposition: form-data; name="${n}"\r\n\r\nv\r\n`;
  return `${many(count, one, "")}--x--`;
}

function event(): Record<string, string> {
  return { ...HOST, "Content-Type": "application/secevent+jwt" };
}

function reports(count: number): string {
  const one = { type: "csp-violation", body: { blockedURL: "https://a.example/" } };
  return JSON.stringify(Array(count).fill(one)).slice(0, 65_000);
}

function longReport(): string {
  return JSON.stringify({
    "csp-report": { "blocked-uri": `https://a.example/${"%2F".repeat(20_000)}` },
  });
}

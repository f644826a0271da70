import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apiName, resolveApiAddress } from "../../../app/google/api-address.server";

const GOOGLE = "https://www.googleapis.com";
const USERINFO = "https://openidconnect.googleapis.com";
const TASKS = "https://tasks.googleapis.com";
const DOCS = "https://docs.googleapis.com";
const PATH = "/calendar/v3/calendars/primary/events?maxResults=5";
const FEATURES = [
  { scopes: ["tasks.readonly"], apis: [TASKS] },
  { scopes: ["documents", "drive.file"], apis: [DOCS, GOOGLE] },
];
const ALL = ["openid", "tasks.readonly", "documents", "drive.file"];

function resolve(address: string, granted: string[], apiOrigin: string) {
  const userinfoOrigin = apiOrigin === GOOGLE ? USERINFO : apiOrigin;
  const found = resolveApiAddress(address, granted, {
    apiOrigin,
    userinfoOrigin,
    features: FEATURES,
  });
  return found.kind === "allowed" ? found.url : found.kind;
}
const atGoogle = (address: string, granted = ALL) => resolve(address, granted, GOOGLE);

/** What others' clients have been talked into, and what a URL parser reads in its own way. */
const NOT_ALLOWED = [
  "https://evil.example/calendar",
  "//evil.example/calendar",
  "///evil.example/calendar",
  "\\\\evil.example/calendar",
  "/\\evil.example",
  "/\\/evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  " //evil.example",
  "https:evil.example/tasks/v1",
  "https:/evil.example/tasks/v1",
  "http:evil.example",
  "//tasks.googleapis.com@evil.example/",
  "http://www.googleapis.com/calendar",
  "http://tasks.googleapis.com/tasks/v1",
  "ws://tasks.googleapis.com/",
  "https://www.googleapis.com:8443/calendar",
  "https://tasks.googleapis.com:8443/tasks/v1",
  "https://tasks.googleapis.com:80/tasks/v1",
  "https://www.googleapis.com.evil.example/",
  "https://tasks.googleapis.com.evil.example/",
  "https://tasks.googleapis.com。evil.example/",
  "https://tasks.googleapis.com／.evil.example/",
  "https://tasks.googleapis.com%2f.evil.example/",
  "https://tasks.googleapis.com%00.evil.example/",
  "https://tasks.googleapis.com./tasks/v1",
  "https://www.googleapis.com@evil.example/",
  "https://user:pass@www.googleapis.com/",
  "https://user@tasks.googleapis.com/",
  "https://:pass@tasks.googleapis.com/",
  "https://tasks.googleapis.com:443@evil.example/",
  "https://evil.example#https://www.googleapis.com/",
  "https://evil.example?https://tasks.googleapis.com/",
  "https://evil.example\\@tasks.googleapis.com/",
  "https://eviltasks.googleapis.com/",
  "https://tasks-googleapis.com/",
  "https://googleapis.com/",
  // Google’s, and no feature’s: a bucket, a function or a database there may be anybody’s.
  "https://storage.googleapis.com/evil-bucket/x",
  "https://gmail.googleapis.com/gmail/v1/users/me/messages",
  "https://accounts.google.com/",
  "blob:https://www.googleapis.com/x",
  "blob:https://tasks.googleapis.com/x",
  "filesystem:https://tasks.googleapis.com/x",
  "view-source:https://tasks.googleapis.com/",
  "javascript:alert(1)",
  "data:text/plain,x",
  "file:///etc/passwd",
  // An id in an address is no way to another API, or out of the path that stands for a host.
  "/calendar/v3/calendars/../../../drive/v3/files",
  "/calendar/v3/calendars/%2e%2E/events",
  "/calendar/v3/calendars/..\\..\\events",
  "/calendar/v3/calendars/.\t./events",
  "/calendar/v3/calendars/x%2f..%2fevents",
  "/calendar/v3/calendars/x%5C.%2e%5cevents",
  "/calendar/v3/calendars/..",
  "/calendar/v3/calendars/.. ",
  "/calendar/v3/./calendars",
  `${TASKS}/../calendar/v3`,
  `${TASKS}/tasks/v1/..?x=1`,
  "/..//evil.example/x",
  "/.//evil.example/x",
  "tasks.googleapis.com/tasks/v1",
  "calendar/v3",
  "https://",
  "",
];

describe("where a call of Google’s APIs goes", () => {
  it("DA-06 is a path on the API’s origin, or a whole address of that or userinfo’s", () => {
    expect(atGoogle(PATH, [])).toBe(GOOGLE + PATH);
    expect(atGoogle(GOOGLE + PATH, [])).toBe(GOOGLE + PATH);
    expect(atGoogle(`${USERINFO}/v1/userinfo`, [])).toBe(`${USERINFO}/v1/userinfo`);
  });

  it.each([
    ["as it is", `${TASKS}/tasks/v1/lists`],
    ["in capitals", "HTTPS://TASKS.GoogleAPIs.com/tasks/v1/lists"],
    ["with the port that it has anyway", `${TASKS}:443/tasks/v1/lists`],
    ["escaped", "https://tasks%2egoogleapis.com/tasks/v1/lists"],
    ["with what a browser keeps for itself", `${TASKS}/tasks/v1/lists#https://evil.example/`],
  ])("DA-15 is an API’s own host, for a feature that names it: %s", (_how, address) => {
    expect(atGoogle(address)).toBe(`${TASKS}/tasks/v1/lists`);
  });

  it("DA-15 is any of several hosts that a feature names", () => {
    expect(atGoogle(`${DOCS}/v1/documents/1`)).toBe(`${DOCS}/v1/documents/1`);
  });

  it.each(NOT_ALLOWED)("DA-06 DA-15 is not %j", (address) => {
    expect(atGoogle(address)).toBe("address_not_allowed");
    expect(resolve(address, ALL, "http://localhost:4400")).toBe("address_not_allowed");
  });

  it("DA-06 stays at its host with a path that would be one", () => {
    const path = "//evil.example/x";
    const elsewhere = "https://apis.example.com";
    expect(atGoogle(GOOGLE + path)).toBe(GOOGLE + path);
    expect(resolve(GOOGLE + path, ALL, elsewhere)).toBe(elsewhere + path);
    expect(resolve(TASKS + path, ALL, elsewhere)).toBe(`${elsewhere}/tasks.googleapis.com${path}`);
  });

  it.each(["/a/..b/.c/d..", "/a?next=../../b&c=\\", "/a?q=two words", "/a%2Fb", "/a.b/...", "/"])(
    "DA-06 is what it looks like: %j",
    (path) => {
      expect(atGoogle(path)).toBe(new URL(path, GOOGLE).href);
    },
  );

  it("DA-16 is nowhere while the person hasn’t allowed all that a feature there needs", () => {
    expect(atGoogle(`${TASKS}/tasks/v1`, ["openid", "tasks"])).toBe("scope_missing");
    expect(atGoogle(`${DOCS}/v1`, ["documents"])).toBe("scope_missing");
    expect(atGoogle(`${DOCS}/v1`, ["documents", "drive.file"])).toBe(`${DOCS}/v1`);
  });

  it("DA-06 is among these origins, whatever an address is made of", () => {
    const pieces = fc.constantFrom(
      ...["https:", "http:", "blob:", "/", "//", "\\", "@", ":", ".", "..", "#", "?", "%2f", "\t"],
      ...["evil.example", "tasks.googleapis.com", "www.googleapis.com", "localhost:4400", "443"],
    );
    const address = fc.oneof(
      fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }).map((text) => `/${text}`),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
    );
    const seen = { google: 0, local: 0 };
    fc.assert(
      fc.property(address, (text) => {
        const real = atGoogle(text);
        if (real.includes(":")) {
          seen.google += 1;
          expect([GOOGLE, USERINFO, TASKS, DOCS]).toContain(new URL(real).origin);
        }
        const local = resolve(text, ALL, "http://localhost:4400");
        if (local.includes(":")) {
          seen.local += 1;
          expect(new URL(local).origin).toBe("http://localhost:4400");
        }
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(seen.google, seen.local)).toBeGreaterThan(50);
  });
});

describe("where a call goes while somebody else answers for Google", () => {
  const local = (address: string, granted = ALL) =>
    resolve(address, granted, "http://localhost:4400");

  it("DA-17 is there for each of Google’s hosts, under a path of its name", () => {
    expect(local(`${TASKS}/tasks/v1/lists?x=1`)).toBe(
      "http://localhost:4400/tasks.googleapis.com/tasks/v1/lists?x=1",
    );
    expect(local(PATH)).toBe(`http://localhost:4400${PATH}`);
    expect(local(GOOGLE + PATH, [])).toBe(`http://localhost:4400${PATH}`);
    expect(local(`http://localhost:4400${PATH}`)).toBe(`http://localhost:4400${PATH}`);
  });

  it("DA-16 DA-17 asks for the same scopes as at Google", () => {
    expect(local(`${TASKS}/tasks/v1/lists`, ["openid"])).toBe("scope_missing");
  });

  it("DA-15 is at each API’s own host where GOOGLE_API_ORIGIN is another of Google’s", () => {
    expect(resolve(`${DOCS}/v1`, ALL, TASKS)).toBe(`${DOCS}/v1`);
    expect(resolve(`${GOOGLE}/drive/v3/files`, ALL, TASKS)).toBe(`${GOOGLE}/drive/v3/files`);
    expect(resolve(`${GOOGLE}/drive/v3/files`, [], TASKS)).toBe("scope_missing");
  });

  it.each([
    "https://googleapis.com.evil.example",
    "https://evilgoogleapis.com",
    "https://googleapis.com",
  ])("DA-17 is never at Google’s where %s answers for it", (apiOrigin) => {
    expect(resolve(`${TASKS}/x`, ALL, apiOrigin)).toBe(`${apiOrigin}/tasks.googleapis.com/x`);
  });
});

describe("apiName", () => {
  it.each([
    [PATH, "calendar"],
    [GOOGLE + PATH, "calendar"],
    [`${TASKS}/tasks/v1/lists`, "tasks"],
    [`${TASKS}/`, "tasks"],
    ["https://docs.googleapis.com/v1/documents/ada@example.com", "docs"],
    ["/Ada/x", "other"],
    ["/ada", "other"],
    [`${TASKS}.evil.example/`, "other"],
    ["https://evil.example/calendar/", "other"],
    ["//evil.example/calendar/", "other"],
  ])("LG-03 says of %s no more than %s", (address, name) => {
    expect(apiName(address)).toBe(name);
  });
});

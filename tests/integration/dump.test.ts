import { expect, it, onTestFinished } from "vitest";
import { hashSessionId } from "../../app/config/id-hash.server";
import { systemRandom } from "../../app/config/random.server";
import { parseCookieHeader } from "../../app/session/cookie-header.server";
import { createSealer } from "../../app/session/seal.server";
import { decodeSession } from "../../app/session/session.server";
import { describeOnBoth } from "../support/databases";
import { startTestApp, TEST_SECRET, type TestApp } from "../support/test-app";
import { Visitor } from "../support/visitor";

/** All that is worth stealing while people sign in and are refreshed. */
interface Seen {
  tokens: Set<string>;
  cookies: Set<string>;
  codes: Set<string>;
}

function watch(app: TestApp): { seen: Seen; visitor: () => Visitor } {
  const seen: Seen = { tokens: new Set(), cookies: new Set(), codes: new Set() };
  app.google.faults.set("token", {
    kind: "rewrite",
    change: (body) => {
      for (const name of ["access_token", "refresh_token", "id_token"]) {
        const token = body[name];
        if (typeof token === "string") seen.tokens.add(token);
      }
      return body;
    },
  });
  const fetch = async (request: Request) => {
    const code = new URL(request.url).searchParams.get("code");
    if (code) seen.codes.add(code);
    const response = await app.fetch(request);
    for (const cookie of response.headers.getSetCookie()) {
      const value = cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf(";"));
      if (value) seen.cookies.add(value);
    }
    return response;
  };
  return { seen, visitor: () => new Visitor({ ...app, fetch }) };
}

function sessionIdIn(app: TestApp, visitor: Visitor): string {
  const [value = ""] = parseCookieHeader(visitor.jar.header()).get(app.cookie) ?? [];
  const unsealed = createSealer("session", [TEST_SECRET], systemRandom).unseal(value);
  const session = unsealed.ok ? decodeSession(unsealed.text) : null;
  if (session === null) throw new Error("The browser has no session");
  return session.id;
}

describeOnBoth("A dump of the database", (database) => {
  it("MP-09 holds no token, code, cookie or session id that anybody could use", async () => {
    const app = await startTestApp({ store: await database.open() });
    onTestFinished(() => app.stop());
    const { seen, visitor } = watch(app);
    const people = [visitor(), visitor(), visitor()];
    const accounts = ["ada.lovelace@gmail.com", "ada.lovelace@gmail.com", "grace.hopper@gmail.com"];
    for (const [index, person] of people.entries()) {
      await person.signIn({ account: accounts[index] ?? "" });
    }
    const ids = people.map((person) => sessionIdIn(app, person));
    const dumps = [await database.dump()];
    for (let hour = 0; hour < 2; hour++) {
      await app.clock.advance(3_600_000);
      for (const person of people) expect((await person.get("/dashboard")).status).toBe(200);
      dumps.push(await database.dump());
    }
    await people[0]?.post("/logout");
    dumps.push(await database.dump());

    const secrets = [...seen.tokens, ...seen.cookies, ...seen.codes, ...ids];
    // Access and ID tokens of three sign-ins, a proof and six refreshes; a refresh token of each account.
    expect(seen.tokens.size).toBe(2 * 10 + 2);
    expect(seen.codes.size).toBe(people.length);
    expect(seen.cookies.size).toBeGreaterThan(3 * people.length);
    for (const dump of dumps) {
      // It is the right database, with everybody in it.
      for (const id of ids) expect(dump).toContain(hashSessionId(id));
      for (const secret of secrets) expect(dump).not.toContain(secret);
      expect(dump).not.toMatch(/canary|(?<![\w+/])(?:ya29\.|1\/\/)|eyJhbGciOiJSUzI1NiI/);
    }
  });
});

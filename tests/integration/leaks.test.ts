import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app";
import { Visitor } from "../support/visitor";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

const PAGES = ["/", "/login", "/dashboard", "/agenda", "/account", "/no-such-page"];

/** Everything that leaves the server while somebody signs in, is refreshed, meets faults and leaves. */
async function everythingSaid(): Promise<{ bodies: string; headers: string; secrets: string[] }> {
  const bodies: string[] = [];
  const headers: string[] = [];
  const recording = {
    origin: app.origin,
    clock: app.clock,
    fetch: async (request: Request) => {
      const response = await app.fetch(request);
      bodies.push(await response.clone().text());
      for (const [name, value] of response.headers) {
        // Google’s address has to carry the state, and the sealed cookie everything.
        const mayCarry = name === "location" && value.startsWith(app.google.issuer);
        if (name !== "set-cookie" && !mayCarry) headers.push(`${name}: ${value}`);
      }
      return response;
    },
  };
  const visitor = new Visitor(recording);
  const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
  await visitor.get(callback);
  await visitor.get(callback);
  for (const path of PAGES) {
    await visitor.get(path);
    await visitor.get(`${path === "/" ? "/_root" : path}.data`);
  }
  await visitor.get("/api/session");
  await app.clock.advance(3_600_000);
  app.google.faults.set("token", { kind: "status", status: 500 }, { times: 1 });
  app.google.faults.set("userinfo", { kind: "status", status: 500 }, { times: 1 });
  await Promise.all([visitor.get("/dashboard"), app.clock.advance(5000)]);
  await visitor.get("/dashboard");
  await visitor.get("/dashboard.data");
  app.google.faults.set("token", { kind: "id-token", flaw: "wrong-signature" }, { times: 1 });
  await visitor.signIn();
  await visitor.post("/logout");

  const secrets = app.google.calls.list("token").flatMap(({ params }) =>
    ["code", "code_verifier", "refresh_token", "client_secret"].flatMap((name) => {
      const value = params[name];
      return value ? [value] : [];
    }),
  );
  return { bodies: bodies.join("\n"), headers: headers.join("\n"), secrets };
}

describe("a token, code, verifier or secret", () => {
  it("TR-19 CS-08 is in no page, no data, no header and no log line of a whole visit", async () => {
    const { bodies, headers, secrets } = await everythingSaid();
    const log = JSON.stringify(app.log.lines);
    expect(secrets.length).toBeGreaterThan(6);
    for (const said of [bodies, headers, log]) {
      expect(said).not.toMatch(/canary|ya29\.|1\/\/|id_token"|access_?token"|refresh_?token"/i);
      for (const secret of secrets) expect(said).not.toContain(secret);
    }
    expect(log).not.toContain("state=");
    expect(log).not.toContain("@gmail.com");
  });
});

describe("the browser’s files", () => {
  it("CS-09 hold no server module, no secret, no token’s name and no source map", () => {
    const names = readdirSync("build/client", { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => name.endsWith(".map"))).toEqual([]);
    const scripts = names.filter((name) => name.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(5);
    for (const name of scripts) {
      const text = readFileSync(`build/client/${name}`, "utf8");
      expect(text, name).not.toMatch(
        /refreshToken|refresh_token|accessToken\b|access_token|client_secret|SESSION_SECRET|createCipheriv|node:crypto|sourceMappingURL/,
      );
    }
  });
});

import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GoogleVisitor } from "../../local-google/google-visitor";
import { startLocalGoogle } from "../../local-google/local-google";
import { REDIRECT_URI, RelyingParty } from "./relying-party";

/** What still keeps the process alive, but for what the test runner itself needs. */
function open(type: RegExp): string[] {
  return process.getActiveResourcesInfo().filter((name) => type.test(name));
}

it("leaves no socket, timer or hanging request behind when it stops", async () => {
  const before = open(/TCP|Timeout/);
  const google = await startLocalGoogle({ redirectUris: [REDIRECT_URI] });
  const app = new RelyingParty(google);
  await app.signIn();
  google.faults.set("token", { kind: "drip" });
  const dripping = await app.token({ grant_type: "refresh_token" });
  google.faults.set("jwks", { kind: "hang" });
  const hanging = app.get("/oauth2/v3/certs");
  await expect.poll(() => google.faults.held).toBe(2);
  await Promise.all([google.stop(), expect(hanging).rejects.toThrow()]);
  await expect(dripping.text()).rejects.toThrow();
  await expect.poll(() => open(/TCP/).length).toBeLessThanOrEqual(before.length);
  await expect(fetch(google.issuer)).rejects.toThrow();
});

it("forgets a test at a reset: people, consents, tokens, calls, faults and settings", async () => {
  const google = await startLocalGoogle({ redirectUris: [REDIRECT_URI] });
  const app = new RelyingParty(google);
  const visitor = new GoogleVisitor();
  google.control.setAccessTokenSeconds(20);
  google.control.addAccount({ email: "new@example.com" });
  const tokens = await app.signIn({ visitor });
  expect(tokens.expires_in).toBe(20);
  google.faults.set("token", { kind: "empty" });

  google.control.reset();
  expect(google.calls.list()).toEqual([]);
  expect(google.control.accounts().map(({ email }) => email)).toHaveLength(4);
  expect((await app.refresh(tokens.refresh_token)).status).toBe(400);
  expect((await app.walk({ visitor })).pages).toEqual(["chooser", "consent"]);
  expect((await app.signIn({ visitor, params: { prompt: "consent" } })).expires_in).toBe(3600);
  await google.stop();
});

it("signs nobody out when it restarts with its state file", async () => {
  const directory = await mkdtemp(join(tmpdir(), "local-google-"));
  const options = { redirectUris: [REDIRECT_URI], stateFile: join(directory, "data/state.json") };
  const first = await startLocalGoogle(options);
  const { refresh_token, access_token } = await new RelyingParty(first).signIn();
  const jwks = await (await fetch(`${first.issuer}/oauth2/v3/certs`)).text();
  await first.stop();
  expect((await stat(options.stateFile)).mode & 0o777).toBe(0o600);

  const second = await startLocalGoogle(options);
  const app = new RelyingParty(second);
  expect([second.clientId, second.clientSecret]).toEqual([first.clientId, first.clientSecret]);
  expect((await app.refresh(refresh_token)).status).toBe(200);
  expect((await app.userinfo(access_token)).status).toBe(200);
  expect(await (await fetch(`${second.issuer}/oauth2/v3/certs`)).text()).toBe(jwks);
  await second.stop();
  await rm(directory, { recursive: true });
});

it("is told by HTTP what a test in another process wants", async () => {
  const google = await startLocalGoogle({ redirectUris: [] });
  const app = new RelyingParty(google);
  const tell = async (path: string, order?: object, method = "POST") => {
    const body = order === undefined ? {} : { body: JSON.stringify(order) };
    const answer = await fetch(`${google.issuer}/_local/${path}`, { method, ...body });
    return { status: answer.status, body: await answer.json() };
  };
  await tell("redirect-uris", { uri: REDIRECT_URI });
  await tell("control", { action: "setAccessTokenSeconds", seconds: 20 });
  const account = { email: "new@example.com", sub: "2".repeat(21) };
  expect(await tell("control", { action: "addAccount", account })).toMatchObject({
    body: { result: { email_verified: true, ...account } },
  });
  const tokens = await app.signIn({ choice: { account: account.email } });
  expect(tokens.expires_in).toBe(20);

  await tell("faults", { endpoint: "token", fault: { kind: "status", status: 503 } });
  expect((await app.refresh(tokens.refresh_token)).status).toBe(503);
  await tell("faults", undefined, "DELETE");
  await tell("control", { action: "revokeGrant", sub: account.sub });
  expect((await app.refresh(tokens.refresh_token)).status).toBe(400);
  const calls = await fetch(`${google.issuer}/_local/calls?endpoint=token`);
  expect(await calls.json()).toMatchObject([{ status: 200 }, { status: 503 }, { status: 400 }]);
  expect((await tell("control", { action: "unknown" })).status).toBe(404);
  await google.stop();
});

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore, type Store } from "../../app/store/store.server";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf } from "../support/visitor";

const ADA = "ada.lovelace@gmail.com";
const GRACE = "grace.hopper@gmail.com";

let folder = "";
let databaseUrl = "";
let store: Store;
let app: TestApp;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-admin-"));
  databaseUrl = `file:${join(folder, "latchkey.db")}`;
  const opened = await openStore({ databaseUrl });
  if (!opened.ok) throw new Error(opened.error.reason);
  store = opened.store;
  // The command is another process, whose clock is the system’s.
  app = await startTestApp({ store, startAt: Date.now() });
});
afterAll(async () => {
  await app.stop();
  await store.close();
  rmSync(folder, { recursive: true });
});

/** As `npm run admin -- …` runs it, beside the app. */
function admin(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH ?? "",
    NODE_ENV: "production",
    APP_ORIGIN: app.origin,
    SESSION_SECRET: "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa",
    GOOGLE_CLIENT_ID: app.google.clientId,
    GOOGLE_CLIENT_SECRET: app.google.clientSecret,
    GOOGLE_ISSUER: app.google.issuer,
    DATABASE_URL: databaseUrl,
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["build/server/index.js", "admin", ...args],
      { env },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

async function signedIn(account: string) {
  const visitor = app.visitor();
  expect(locationOf(await visitor.signIn({ account }))).toBe("/dashboard");
  return visitor;
}

const subOf = (email: string) =>
  app.google.control.accounts().find((account) => account.email === email)?.sub ?? "";

const ENDED = { status: "unauthenticated", reason: "ended_elsewhere" };

describe("npm run admin", () => {
  it("SO-10 LG-01 lists and ends one person’s sessions in the running app, whose cookies are then worthless, and leaves a line", async () => {
    const [ada, grace] = [await signedIn(ADA), await signedIn(GRACE)];
    const listed = await admin("list-sessions", ADA);
    expect(listed.code).toBe(0);
    expect(listed.out).toMatch(/^Ada Lovelace <ada\.lovelace@gmail\.com>, sub \d+\n {2}.+\n$/);
    const ended = await admin("end-sessions", subOf(ADA));
    expect(ended).toMatchObject({ code: 0, out: "Sessions ended: 1.\n" });
    expect(JSON.parse(ended.err)).toMatchObject({
      event: "admin_command",
      command: "end-sessions",
      user: expect.stringMatching(/^[\w-]{22}$/),
      sessions: 1,
      outcome: "done",
    });
    expect(listed.err + ended.err).not.toContain(ADA);
    expect(ended.err).not.toContain(subOf(ADA));
    await app.clock.advance(3_590_000);
    expect(await ada.session()).toEqual(ENDED);
    expect(await grace.session()).toMatchObject({ status: "authenticated" });
  });

  it("SO-10 disables an account, which can’t come back until it is enabled", async () => {
    await signedIn(ADA);
    expect((await admin("disable", subOf(ADA))).out).toBe("Disabled. Sessions ended: 1.\n");
    const refused = await app.visitor().signIn({ account: ADA });
    expect(locationOf(refused)).toMatch(/^\/login\?.*error=not_allowed/);
    expect((await admin("enable", subOf(ADA))).out).toBe("Enabled.\n");
    await signedIn(ADA);
  });

  it("SO-10 ends everybody’s sessions", async () => {
    const [ada, grace] = [await signedIn(ADA), await signedIn(GRACE)];
    expect((await admin("end-all")).out).toMatch(/^Sessions ended: [2-9]\.\n$/);
    await app.clock.advance(3_590_000);
    expect(await ada.session()).toEqual(ENDED);
    expect(await grace.session()).toEqual(ENDED);
  });

  it("explains itself with exit code 1, and starts no server", async () => {
    const { code, out, err } = await admin();
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^Usage: npm run admin -- <command>/);
  });
});

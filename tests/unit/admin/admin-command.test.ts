import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runAdminCommand } from "../../../app/admin/admin-command.server";
import { openStore, type Store } from "../../../app/store/store.server";
import { ADA, BOB, DAY, NOW, signedIn, signIn } from "../../support/sign-in-fixture";
import { createTestClock } from "../../support/test-clock";

const clock = createTestClock(NOW);
const NOBODY = { ok: false, text: "Nobody has signed in as who." };

let store: Store;
beforeEach(async () => {
  const opened = await openStore({ databaseUrl: "file::memory:", clock });
  if (!opened.ok) throw new Error(opened.error.reason);
  store = opened.store;
  clock.set(NOW - 1000);
  await signedIn(store, "a2", { session: { browser: null, system: null, seenAt: NOW - 1000 } });
  clock.set(NOW);
  await signedIn(store, "a1");
  await signedIn(store, "b1", { user: { ...BOB, name: "B\u001b[2Job", email: "bob@example.com" } });
});
afterEach(() => store.close());

const limits = { idleMs: 30 * DAY, absoluteMs: 180 * DAY };
const run = (...args: string[]) =>
  runAdminCommand({ store, clock, limits, issuer: ADA.issuer }, args);

async function live(...ids: string[]): Promise<boolean[]> {
  const found = await Promise.all(ids.map((id) => store.readSession(id)));
  return found.map((session) => session.kind === "found" && session.endReason === null);
}

describe("the operator’s commands", () => {
  it("SO-10 list a person’s sessions, found by sub or by email in any case", async () => {
    const expected = [
      `Ada Lovelace <ada@example.com>, sub ${ADA.sub}`,
      "  Firefox on Linux, since 2026-11-23T16:06:39.123Z, last seen 2026-11-23T16:06:39.123Z",
      "  an unknown browser, since 2026-11-23T16:06:38.123Z, last seen 2026-11-23T16:06:38.123Z",
    ].join("\n");
    expect(await run("list-sessions", "Ada@Example.COM")).toMatchObject({
      ok: true,
      text: expected,
    });
    expect(await run("list-sessions", ADA.sub)).toMatchObject({ ok: true, text: expected });
  });

  it("show nothing that a terminal would obey", async () => {
    expect((await run("list-sessions", BOB.sub)).text).toContain("B?[2Job <bob@example.com>");
  });

  it("SO-10 end one person’s sessions, and nobody else’s", async () => {
    expect(await run("end-sessions", ADA.sub)).toMatchObject({
      ok: true,
      text: "Sessions ended: 2.",
    });
    expect(await live("a1", "a2", "b1")).toEqual([false, false, true]);
    expect(await run("end-sessions", ADA.sub)).toMatchObject({
      ok: false,
      text: "No session that this database knows was live. Any other is over now, too.",
    });
    expect((await run("list-sessions", ADA.sub)).text).toContain("not signed in anywhere");
  });

  it("SO-10 end everybody’s sessions", async () => {
    expect(await run("end-all")).toMatchObject({ ok: true, text: "Sessions ended: 3." });
    expect(await live("a1", "a2", "b1")).toEqual([false, false, false]);
  });

  it("SO-10 disable an account, which loses all sessions at once, and enable it again", async () => {
    expect(await run("disable", ADA.sub)).toMatchObject({
      ok: true,
      text: "Disabled. Sessions ended: 2.",
    });
    expect(await live("a1", "a2", "b1")).toEqual([false, false, true]);
    expect(await store.recordSignIn(signIn("a3"))).toEqual({ kind: "disabled", by: "operator" });
    expect((await run("list-sessions", ADA.sub)).text).toContain("disabled since 2026-11-23T");
    expect(await run("enable", ADA.sub)).toMatchObject({ ok: true, text: "Enabled." });
    expect(await store.recordSignIn(signIn("a3"))).toMatchObject({ kind: "recorded" });
  });

  it.each(["list-sessions", "end-sessions", "disable", "enable"])(
    "say of %s that nobody is known by that name",
    async (command) => {
      expect(await run(command, "who")).toMatchObject(NOBODY);
    },
  );

  it.each([
    [[]],
    [["help"]],
    [["drop", "all"]],
    [["list-sessions"]],
    [["end-sessions"]],
    [["end-all", ADA.sub]],
    [["disable", ADA.sub, BOB.sub]],
  ])("do nothing but explain themselves for %j", async (args) => {
    const result = await run(...args);
    expect(result.ok).toBe(false);
    expect(result.text).toMatch(/^Usage:/);
    expect(await live("a1", "a2", "b1")).toEqual([true, true, true]);
  });

  it.each([
    ["list-sessions", "ada"],
    ["end-sessions", "ada"],
    ["end-all"],
    ["disable", "ada"],
    ["enable", "ada"],
  ])("say of %s when the database is away", async (...args) => {
    await store.close();
    expect(await run(...args)).toMatchObject({
      ok: false,
      text: "The database is away. Please try again.",
    });
  });
});

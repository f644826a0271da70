import { expect, it } from "vitest";
import { hashSessionId } from "../../../app/config/id-hash.server";
import type { Store } from "../../../app/store/store.server";
import { describeOnBoth } from "../../support/databases";
import { ADA, BOB, DAY, NOW, signedIn, signIn } from "../../support/sign-in-fixture";

const listed = async (store: Store, key: typeof ADA, now = NOW) => {
  const list = await store.listSessions({ ...key, now });
  if (list.kind !== "found") throw new Error(list.kind);
  return list.sessions;
};

const idHashes = async (store: Store, key: typeof ADA, now = NOW) =>
  (await listed(store, key, now)).map(({ idHash }) => idHash);

const asBob = { user: { ...BOB, name: "Bob" } };

describeOnBoth("The end of a session", (database) => {
  it("keeps the first reason, however often it is ended", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    const end = { idHash: hashSessionId("s1"), reason: "signed_out", endedAt: NOW };
    const signOut = { id: "s1", reason: "signed_out", now: NOW };
    expect(await store.endSession(signOut)).toEqual({ kind: "ended", ...end });
    const again = { id: "s1", reason: "disconnected", now: NOW + 5 };
    expect(await store.endSession(again)).toEqual({ kind: "ended", ...end });
    expect(await store.endSession({ ...again, expiresAt: NOW + DAY })).toEqual({
      kind: "ended",
      ...end,
    });
    expect(await store.endSession({ ...signOut, id: "unknown" })).toEqual({ kind: "absent" });
  });

  it("is remembered for a session that the store doesn't know, until it would have ended", async () => {
    const store = await database.open();
    const end = { id: "s0", reason: "signed_out", now: NOW, expiresAt: NOW + DAY };
    expect(await store.endSession(end)).toMatchObject({ kind: "ended", reason: "signed_out" });
    expect(await store.readSession("s0")).toMatchObject({ ended: { reason: "signed_out" } });
    expect(await store.prune(NOW + 2 * DAY)).toMatchObject({ sessions: 1 });
  });

  it("comes by handle only to the person's own sessions", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    const [session] = await listed(store, ADA);
    const end = { handle: session?.handle ?? "", reason: "ended_elsewhere", now: NOW };
    expect(end.handle).toMatch(/^[\w-]{22}$/);
    expect(await store.endSessionByHandle({ ...BOB, ...end })).toEqual({ kind: "absent" });
    expect(await store.endSessionByHandle({ ...ADA, ...end, handle: "\0" })).toEqual({
      kind: "absent",
    });
    expect(await idHashes(store, ADA)).toHaveLength(1);
    expect(await store.endSessionByHandle({ ...ADA, ...end })).toMatchObject({ kind: "ended" });
    expect(await idHashes(store, ADA)).toEqual([]);
  });

  it("SO-10 comes to all of one person's sessions, and to nobody else's", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2");
    await signedIn(store, "b1", asBob);
    const ended = await store.endSessions({ ...ADA, reason: "ended_elsewhere", now: NOW });
    expect(ended.kind === "ended" && ended.sessions.map(({ idHash }) => idHash).sort()).toEqual(
      [hashSessionId("s1"), hashSessionId("s2")].sort(),
    );
    expect(await idHashes(store, ADA)).toEqual([]);
    expect(await idHashes(store, BOB)).toEqual([hashSessionId("b1")]);
    expect(await store.endSessions({ ...ADA, reason: "again", now: NOW })).toEqual({
      kind: "ended",
      sessions: [],
    });
  });

  it("SO-10 comes to everybody's sessions, more than fit one step", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "b1", asBob);
    const row = (number: string) =>
      `select 'other-' || ${number}, '${ADA.issuer}', '${ADA.sub}', 0, 'sealed', 1, 1, 1, 9`;
    const columns =
      "id_hash, issuer, sub, generation, sealed_tokens, started_at, last_seen_at, renewed_at, expires_at";
    await database.query(
      database.engine === "postgres"
        ? `insert into latchkey_sessions (${columns}) ${row("n")} from generate_series(1, 2500) n`
        : `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 2500)
           insert into latchkey_sessions (${columns}) ${row("n")} from numbers`,
    );
    const end = { reason: "ended_elsewhere", now: NOW };
    expect(await store.endAllSessions(end)).toEqual({ kind: "ended", count: 2502 });
    expect(await store.endAllSessions(end)).toEqual({ kind: "ended", count: 0 });
    expect(await store.readSession("b1")).toMatchObject({ ended: { reason: "ended_elsewhere" } });
  });

  it("SO-10 comes to all sessions of an account that is disabled, which then can't sign in", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    const disable = { ...ADA, disabled: true, reason: "ended_elsewhere", now: NOW + 1 };
    expect(await store.setUserDisabled(disable)).toMatchObject({
      kind: "set",
      ended: [{ idHash: hashSessionId("s1"), reason: "ended_elsewhere" }],
    });
    expect(await store.readSession("s1")).toMatchObject({ ended: { reason: "ended_elsewhere" } });
    expect(await store.recordSignIn(signIn("s2"))).toEqual({ kind: "disabled", by: "operator" });
    expect(await store.readSession("s2")).toEqual({ kind: "absent" });

    await store.setUserDisabled({ ...disable, disabled: false });
    expect(await store.recordSignIn(signIn("s2"))).toEqual({ kind: "recorded" });
  });

  it("leaves no session behind when disabling and signing in happen at once", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await signedIn(a, "s0");
    for (let round = 1; round <= 10; round++) {
      const change = { ...ADA, reason: "ended_elsewhere", now: NOW };
      await Promise.all([
        a.recordSignIn(signIn(`s${round}`)),
        b.setUserDisabled({ ...change, disabled: true }),
      ]);
      expect(await idHashes(a, ADA)).toEqual([]);
      await b.setUserDisabled({ ...change, disabled: false });
    }
  });

  it("spares the session that asks, and those started after an event", async () => {
    const store = await database.open();
    await signedIn(store, "s1", { now: NOW - 10 });
    await signedIn(store, "s2", { now: NOW });
    await signedIn(store, "s3", { now: NOW + 10 });
    await store.endSessions({ ...ADA, reason: "security_event", now: NOW, startedBefore: NOW });
    expect(await idHashes(store, ADA)).toEqual([hashSessionId("s3"), hashSessionId("s2")]);
    await store.endSessions({ ...ADA, reason: "ended_elsewhere", now: NOW, except: "s2" });
    expect(await idHashes(store, ADA)).toEqual([hashSessionId("s2")]);
  });

  it("is seen by other processes that look for recent ends", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await signedIn(a, "s1");
    await signedIn(a, "s2");
    await a.endSession({ id: "s1", reason: "signed_out", now: NOW });
    await a.endSession({ id: "s2", reason: "signed_out", now: NOW + 5 });
    const [first, second] = [
      { idHash: hashSessionId("s1"), reason: "signed_out", endedAt: NOW },
      { idHash: hashSessionId("s2"), reason: "signed_out", endedAt: NOW + 5 },
    ];
    expect(await b.recentEnds(NOW)).toEqual({ kind: "found", ends: [second, first] });
    expect(await b.recentEnds(NOW + 1)).toEqual({ kind: "found", ends: [second] });
  });

  it("is found through an index, however many sessions are stored", async () => {
    await database.open();
    const ends =
      "select id_hash from latchkey_sessions where ended_at >= 5 order by ended_at desc limit 9";
    const plan = await database.query(
      database.engine === "postgres" ? `explain ${ends}` : `explain query plan ${ends}`,
    );
    // PostgreSQL takes it for an empty table too, since it reckons with ten pages of one.
    expect(JSON.stringify(plan)).toContain("latchkey_sessions_ended_at");
  });
});

describeOnBoth("The list of a person's sessions", (database) => {
  it("has the live ones, newest first, with when they were last seen and on what", async () => {
    const store = await database.open();
    await signedIn(store, "old", { now: NOW - DAY });
    await signedIn(store, "new", { session: { browser: null, system: "Windows" } });
    await signedIn(store, "out", { session: { expiresAt: NOW } });
    await signedIn(store, "ended");
    await store.endSession({ id: "ended", reason: "signed_out", now: NOW });
    await store.touchSession({ id: "old", now: NOW + 7 });
    await store.touchSession({ id: "old", now: NOW + 3 });

    const at = { startedAt: NOW, lastSeenAt: NOW };
    expect(await listed(store, ADA)).toEqual([
      { ...at, idHash: hashSessionId("new"), browser: null, system: "Windows", handle: anyText() },
      {
        idHash: hashSessionId("old"),
        startedAt: NOW - DAY,
        lastSeenAt: NOW + 7,
        browser: "Firefox",
        system: "Linux",
        handle: anyText(),
      },
    ]);
  });
});

const anyText = (): unknown => expect.any(String);

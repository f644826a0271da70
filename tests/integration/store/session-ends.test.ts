import { expect, it } from "vitest";
import { hashPerson, hashSessionId } from "../../../app/config/id-hash.server";
import { refreshTokenIds } from "../../../app/store/refresh-token-ids.server";
import type { Store } from "../../../app/store/store.server";
import { describeOnBoth } from "../../support/databases";
import { ADA, BOB, DAY, NOW, signedIn, signIn } from "../../support/sign-in-fixture";
import { EVER, LIMITS } from "./fixtures";

const HOUR = 3_600_000;

const listed = async (store: Store, key: typeof ADA, within = EVER) => {
  const list = await store.listSessions({ ...key, ...within });
  if (list.kind !== "found") throw new Error(list.kind);
  return list.sessions;
};

const idHashes = async (store: Store, key: typeof ADA) =>
  (await listed(store, key)).map(({ idHash }) => idHash);

const asBob = { user: { ...BOB, name: "Bob" } };

describeOnBoth("The end of a session", (database) => {
  it("keeps the first reason, however often it is ended", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    const end = { kind: "ended", idHash: hashSessionId("s1"), reason: "signed_out" };
    expect(await store.endSession({ id: "s1", reason: "signed_out" })).toEqual(end);
    await database.setClock(NOW + 5);
    const again = { id: "s1", reason: "disconnected" };
    expect(await store.endSession(again)).toEqual(end);
    expect(await store.endSession({ ...again, startedAt: NOW })).toEqual(end);
    expect(await store.endSessions({ ...ADA, reason: "disconnected" })).toMatchObject({ count: 0 });
    expect(await store.readSession("s1")).toMatchObject({ endReason: "signed_out", sealed: null });
    expect(await store.endsSince(NOW)).toMatchObject({ ends: [{ endedAt: NOW }] });
    expect(await store.endSession({ id: "unknown", reason: "r" })).toEqual({ kind: "absent" });
  });

  it("keeps a mark’s reason, if that came first", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await store.endSessions({ ...ADA, reason: "security_event" });
    await database.query("update latchkey_sessions set ended_at = null, end_reason = null");
    const end = { kind: "ended", idHash: hashSessionId("s1"), reason: "security_event" };
    const signOut = { id: "s1", reason: "signed_out" };
    expect(await store.endSession(signOut)).toEqual(end);
    expect(await store.endSession({ ...signOut, startedAt: NOW })).toEqual(end);
  });

  it("is remembered for a session that the store doesn’t know, until it would have ended", async () => {
    const store = await database.open();
    const end = { id: "s0", reason: "signed_out", startedAt: NOW - DAY };
    expect(await store.endSession(end)).toMatchObject({ kind: "ended", reason: "signed_out" });
    expect(await store.readSession("s0")).toMatchObject({ endReason: "signed_out" });
    expect(await store.endsSince(NOW)).toMatchObject({ ends: [{ idHash: hashSessionId("s0") }] });
    await database.setClock(NOW + 31 * DAY - 1);
    expect(await store.prune(LIMITS)).toMatchObject({ sessions: 0 });
    await database.setClock(NOW + 31 * DAY);
    expect(await store.prune(LIMITS)).toMatchObject({ sessions: 1 });
  });

  it("FE-7 comes only in the generation and with the refresh token that it is about", async () => {
    const store = await database.open();
    const about = (generation: number, refreshToken: string) =>
      store.endSession({
        id: "s1",
        reason: "grant_revoked",
        only: { generation, refreshTokenHash: refreshTokenIds(refreshToken).hash },
      });
    expect(await about(0, "first")).toEqual({ kind: "absent" });
    await signedIn(store, "s1", { session: { refreshTokenIds: refreshTokenIds("first") } });
    const publish = (generation: number, brings: string, replaces: string | null) =>
      store.publishRefresh({
        id: "s1",
        generation,
        sealed: { access: "access", refresh: "refresh" },
        refreshTokenIds: refreshTokenIds(brings),
        replaces: replaces && refreshTokenIds(replaces).hash,
      });
    // Somebody else’s refresh brought newer tokens, then a newer refresh token too.
    await publish(0, "first", null);
    expect(await about(0, "first")).toEqual({ kind: "moved_on" });
    await publish(1, "second", "first");
    expect(await about(1, "first")).toEqual({ kind: "moved_on" });
    expect(await about(2, "first")).toEqual({ kind: "moved_on" });
    expect(await store.readSession("s1")).toMatchObject({ generation: 2, endReason: null });
    expect(await about(2, "second")).toMatchObject({ kind: "ended", reason: "grant_revoked" });
    expect(await about(2, "second")).toMatchObject({ kind: "ended", reason: "grant_revoked" });
    expect(await store.readSession("s1")).toMatchObject({ endReason: "grant_revoked" });

    await signedIn(store, "s2", { session: { refreshTokenIds: refreshTokenIds("other") } });
    // A cookie may be ahead of its row, after refreshes without the database.
    const only = { generation: 3, refreshTokenHash: refreshTokenIds("other").hash };
    expect(await store.endSession({ id: "s2", reason: "grant_revoked", only })).toMatchObject({
      kind: "ended",
    });
  });

  it("comes by handle only to the person’s own sessions", async () => {
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

  it("SO-10 comes to all of one person’s sessions, and to nobody else’s", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2");
    await signedIn(store, "b1", asBob);
    const end = { ...ADA, reason: "ended_elsewhere" };
    expect(await store.endSessions(end)).toMatchObject({ kind: "ended", count: 2 });
    expect(await idHashes(store, ADA)).toEqual([]);
    expect(await idHashes(store, BOB)).toEqual([hashSessionId("b1")]);
    expect(await store.endSessions({ ...end, reason: "again" })).toMatchObject({ count: 0 });
    for (const id of ["s1", "s2"]) {
      expect(await store.readSession(id)).toMatchObject({ endReason: "ended_elsewhere" });
    }
  });

  it("SO-10 comes to all sessions of an account that is disabled, which then can’t sign in", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await database.setClock(NOW + 1);
    const disable = { ...ADA, disabled: true, reason: "ended_elsewhere" };
    const mark = { who: hashPerson(ADA), endedBefore: NOW + 1, reason: "ended_elsewhere" };
    expect(await store.setUserDisabled(disable)).toMatchObject({
      kind: "set",
      ended: { mark, count: 1 },
    });
    expect(await store.readSession("s1")).toMatchObject({ endReason: "ended_elsewhere" });
    expect(await store.recordSignIn(signIn("s2"))).toEqual({ kind: "disabled", by: "operator" });
    expect(await store.readSession("s2")).toEqual({ kind: "absent" });
    await database.setClock(NOW + 9);
    await store.setUserDisabled(disable);
    expect(await store.readUser(ADA)).toMatchObject({ user: { disabledAt: NOW + 1 } });

    expect(await store.setUserDisabled({ ...disable, disabled: false })).toEqual({
      kind: "set",
      ended: null,
    });
    expect(await store.recordSignIn(signIn("s2"))).toMatchObject({ kind: "recorded" });
  });

  it("leaves no session behind when disabling and signing in happen at once", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await signedIn(a, "s0");
    for (let round = 1; round <= 10; round++) {
      const change = { ...ADA, reason: "ended_elsewhere" };
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
    for (const [id, startedAt] of [
      ["s1", NOW - 10],
      ["s2", NOW],
      ["s3", NOW + 10],
    ] as const) {
      await database.setClock(startedAt);
      await signedIn(store, id);
    }
    await store.endSessions({ ...ADA, reason: "security_event", startedBefore: NOW });
    expect(await idHashes(store, ADA)).toEqual([hashSessionId("s3"), hashSessionId("s2")]);
    await store.endSessions({ ...ADA, reason: "ended_elsewhere", except: "s2" });
    expect(await idHashes(store, ADA)).toEqual([hashSessionId("s2")]);
  });

  it("is seen by other processes that look for recent ends", async () => {
    const [a, b] = [await database.open(), await database.open()];
    const ends: { idHash: string; reason: string; endedAt: number }[] = [];
    for (const [id, endedAt] of [
      ["s1", NOW],
      ["s2", NOW + HOUR],
    ] as const) {
      await database.setClock(endedAt);
      await signedIn(a, id);
      await a.endSession({ id, reason: "signed_out" });
      ends.unshift({ idHash: hashSessionId(id), reason: "signed_out", endedAt });
    }
    const found = { kind: "found", now: NOW + HOUR, marks: [], complete: true };
    expect(await b.endsSince(NOW)).toEqual({ ...found, ends });
    expect(await b.endsSince(NOW + 1)).toEqual({ ...found, ends: ends.slice(0, 1) });
    expect(await b.readClock()).toEqual({ kind: "read", now: NOW + HOUR });
  });

  it("FE-4 is seen by the order of the database’s clock, also when that jumps ahead and back", async () => {
    const [a, b] = [await database.open(), await database.open()];
    const seen = new Set<string>();
    let lookedAt = NOW;
    const look = async () => {
      const found = await b.endsSince(lookedAt - 60_000);
      if (found.kind !== "found") throw new Error(found.kind);
      for (const { idHash } of found.ends) seen.add(idHash);
      for (const { reason } of found.marks) seen.add(reason);
      lookedAt = found.now;
    };
    for (const [index, ahead] of [0, 2000, HOUR, 4000, -HOUR, 8000, 200 * DAY, 9000].entries()) {
      await database.setClock(NOW + ahead);
      const id = `s${index}`;
      await signedIn(a, id);
      await a.endSession({ id, reason: "signed_out" });
      await a.endSessions({ ...BOB, reason: `mark ${index}` });
      await look();
      expect(seen).toContain(hashSessionId(id));
      // The reason of the last one counts that isn’t older.
      if (ahead === 200 * DAY) expect(seen).toContain(`mark ${index}`);
    }
    expect(seen.size).toBeGreaterThan(8);
  });

  it("FE-4 is seen when it was written down late, by a transaction that took its time", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await signedIn(a, "s1");
    await a.endSession({ id: "s1", reason: "signed_out" });
    await database.setClock(NOW + 15_000);
    // Whatever a look is asked for, it reaches a minute back.
    expect(await b.endsSince(NOW + 15_000)).toMatchObject({
      ends: [{ idHash: hashSessionId("s1"), endedAt: NOW }],
    });
  });
});

describeOnBoth("The list of a person’s sessions", (database) => {
  it("has the live ones, newest first, with when they were last seen and on what", async () => {
    const store = await database.open();
    await database.setClock(NOW - DAY);
    await signedIn(store, "old");
    await database.setClock(NOW);
    await signedIn(store, "new", { session: { browser: null, system: "Windows" } });
    await signedIn(store, "ended");
    await store.endSession({ id: "ended", reason: "signed_out" });
    expect(await store.touchSession({ id: "old", seenAt: NOW + 7 })).toEqual({ kind: "live" });
    expect(await store.touchSession({ id: "old", seenAt: NOW + 3 })).toEqual({ kind: "live" });
    expect(await store.touchSession({ id: "unknown", seenAt: NOW })).toEqual({ kind: "absent" });
    expect(await store.touchSession({ id: "ended", seenAt: NOW })).toEqual({
      kind: "ended",
      reason: "signed_out",
    });

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

describeOnBoth("A session that has reached a limit", (database) => {
  it("FE-18 is neither listed, nor are its tokens handed to another", async () => {
    const store = await database.open();
    await database.setClock(NOW - 10);
    await signedIn(store, "old", { session: { seenAt: NOW } });
    await database.setClock(NOW);
    await signedIn(store, "idle", { session: { seenAt: NOW - 5 } });
    const ids = async (startedAfter: number, seenAfter: number) =>
      (await listed(store, ADA, { startedAfter, seenAfter })).map(({ idHash }) => idHash);
    const hashes = [hashSessionId("idle"), hashSessionId("old")];
    expect(await ids(NOW - 11, NOW - 6)).toEqual(hashes);
    expect(await ids(NOW - 10, NOW - 6)).toEqual(hashes.slice(0, 1));
    expect(await ids(NOW - 11, NOW - 5)).toEqual(hashes.slice(1));
    const token = async (startedAfter: number, seenAfter: number) => {
      const found = await store.tokensOf({ ...ADA, startedAfter, seenAfter });
      return found.kind === "found" ? found.sealed.refresh : found.kind;
    };
    expect(await token(NOW - 11, NOW - 6)).toBe("sealed refresh of idle 0");
    expect(await token(NOW - 11, NOW - 5)).toBe("sealed refresh of old 0");
    expect(await token(NOW - 10, NOW - 5)).toBe("none");
  });
});

const anyText = (): unknown => expect.any(String);

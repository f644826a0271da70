import { expect, it } from "vitest";
import { hashSessionId } from "../../../app/config/id-hash.server";
import { refreshTokenIds } from "../../../app/store/refresh-token-ids.server";
import type { Store } from "../../../app/store/store.server";
import { describeOnBoth } from "../../support/databases";
import { BOB, NOW, signedIn } from "../../support/sign-in-fixture";

const LEASE_MS = 10_000;
const HOUR = 3_600_000;

const claim = (store: Store, holder: string, generation = 0, id = "s1") =>
  store.claimRefresh({ id, generation, holder, leaseMs: LEASE_MS, seenAt: NOW });

/** What a holder’s refresh has brought: Google gives no new refresh token with it, unless said. */
const publish = (
  store: Store,
  by: string,
  generation = 0,
  change: { id?: string; used?: string; brings?: string } = {},
) => {
  const { id = "s1" } = change;
  const { used = `1//refresh-token-of-${id}` } = change;
  const { brings = used } = change;
  return store.publishRefresh({
    id,
    generation,
    sealed: { access: `access of ${by}`, refresh: `sealed ${brings}` },
    refreshTokenIds: refreshTokenIds(brings),
    replaces: brings === used ? null : refreshTokenIds(used).hash,
  });
};

const tokensOf = (by: string, id = "s1") => ({
  access: `access of ${by}`,
  refresh: `sealed 1//refresh-token-of-${id}`,
});

describeOnBoth("The lease on a session’s refresh", (database) => {
  it("goes to exactly one of 50 that ask at once, through two stores", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await signedIn(a, "s1");
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => claim(index % 2 ? a : b, `holder ${index}`)),
    );
    expect(answers.filter(({ kind }) => kind === "claimed")).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === "held")).toHaveLength(49);
    expect(answers).toContainEqual({ kind: "held", leftMs: LEASE_MS });
  });

  it("lets the winner write the next generation, which those who come late are given", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    expect(await claim(store, "a")).toEqual({
      kind: "claimed",
      sealedRefresh: "sealed refresh of s1 0",
      generation: 0,
    });
    expect(await publish(store, "a")).toEqual({ kind: "published", generation: 1 });

    const newer = { kind: "newer", generation: 1, sealed: tokensOf("a") };
    expect(await claim(store, "late")).toEqual(newer);
    expect(await store.readSession("s1")).toEqual({
      kind: "found",
      generation: 1,
      sealed: tokensOf("a"),
      endReason: null,
      leaseLeftMs: 0,
    });
    expect(await claim(store, "next", 1)).toMatchObject({ kind: "claimed" });
  });

  it("FE-8 is taken over once it has run out by the database’s clock, and not before", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await signedIn(a, "s1");
    await claim(a, "slow");
    await database.setClock(NOW + LEASE_MS - 1);
    expect(await claim(b, "b")).toEqual({ kind: "held", leftMs: 1 });
    expect(await b.readSession("s1")).toMatchObject({ leaseLeftMs: 1 });
    await database.setClock(NOW + LEASE_MS);
    expect(await claim(b, "b")).toMatchObject({ kind: "claimed" });
    expect(await claim(a, "slow")).toEqual({ kind: "held", leftMs: LEASE_MS });
  });

  it("FE-9 counts for nothing when it ends beyond any lease’s length, after a clock was set back", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await claim(store, "killed");
    await database.setClock(NOW - HOUR);
    expect(await store.readSession("s1")).toMatchObject({ leaseLeftMs: 0 });
    expect(await claim(store, "b")).toMatchObject({ kind: "claimed" });
    expect(await claim(store, "c")).toEqual({ kind: "held", leftMs: LEASE_MS });
  });

  it("is free at once when it is given back, and only its holder can do that", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await claim(store, "a");
    await store.releaseRefresh({ id: "s1", holder: "somebody else" });
    expect(await claim(store, "b")).toMatchObject({ kind: "held" });
    await store.releaseRefresh({ id: "s1", holder: "a" });
    expect(await claim(store, "b")).toMatchObject({ kind: "claimed" });
  });

  it("isn’t given for a session that has ended, or that nobody recorded", async () => {
    const store = await database.open();
    expect(await claim(store, "a")).toEqual({ kind: "absent" });
    await signedIn(store, "s1");
    await store.endSession({ id: "s1", reason: "signed_out" });
    expect(await claim(store, "b")).toEqual({ kind: "ended", reason: "signed_out" });
  });

  it("is given for a cookie that is ahead, after refreshes without the database, and says so", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    expect(await claim(store, "a", 4)).toMatchObject({ kind: "claimed", generation: 0 });
    expect(await claim(store, "b", 0)).toMatchObject({ kind: "held" });
    expect(await publish(store, "a", 4)).toEqual({ kind: "published", generation: 5 });
    expect(await claim(store, "b", 4)).toMatchObject({ kind: "newer", generation: 5 });
  });

  it("FE-17 is one for all sessions that share a refresh token, and no other’s", async () => {
    const [a, b] = [await database.open(), await database.open()];
    const shared = { session: { refreshTokenIds: refreshTokenIds("shared") } };
    for (const id of ["s1", "s2"]) await signedIn(a, id, shared);
    await signedIn(a, "b1", { user: BOB });
    for (let round = 1; round <= 20; round++) {
      const answers = await Promise.all([
        claim(a, `a${round}`, 0, "s1"),
        claim(b, `b${round}`, 0, "s2"),
      ]);
      expect(answers.map(({ kind }) => kind).sort(), `${round}`).toEqual(["claimed", "held"]);
      await a.releaseRefresh({ id: "s1", holder: `a${round}` });
      await b.releaseRefresh({ id: "s2", holder: `b${round}` });
    }
    await claim(a, "a", 0, "s1");
    expect(await claim(b, "b", 0, "s2")).toEqual({ kind: "held", leftMs: LEASE_MS });
    // A device that signs in meanwhile is handed the same refresh token.
    await signedIn(b, "s3", shared);
    expect(await claim(b, "b", 0, "s3")).toMatchObject({ kind: "held" });
    expect(await claim(b, "b", 0, "b1")).toMatchObject({ kind: "claimed" });
    await publish(a, "a", 0, { id: "s1", used: "shared", brings: "next" });
    expect(await claim(b, "b", 0, "s2")).toEqual({
      kind: "claimed",
      sealedRefresh: "sealed next",
      generation: 0,
    });
  });
});

describeOnBoth("A refresh’s new tokens", (database) => {
  it("FE-10 FE-21 are published without a lease, also when somebody else has it", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    expect(await publish(store, "nobody")).toEqual({ kind: "published", generation: 1 });
    await claim(store, "b", 1);
    expect(await publish(store, "slow", 1)).toEqual({ kind: "published", generation: 2 });
    expect(await claim(store, "late", 1)).toMatchObject({ kind: "newer", generation: 2 });
    expect(await claim(store, "next", 2)).toMatchObject({ kind: "claimed" });
  });

  it("FE-10 FE-21 are not published over a newer generation", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await publish(store, "b");
    expect(await publish(store, "slow")).toEqual({
      kind: "lost",
      now: { kind: "newer", generation: 1, sealed: tokensOf("b") },
    });
    expect(await store.readSession("s1")).toMatchObject({ sealed: tokensOf("b") });
  });

  it("FE-10 FE-21 of several refreshes without the database come into rows that are behind", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    // Only the last one is left: the process that did the others was killed.
    await publish(store, "a", 3, { used: "third", brings: "fourth" });
    expect(await store.readSession("s1")).toMatchObject({
      generation: 4,
      sealed: { refresh: "sealed fourth" },
    });
    await publish(store, "a", 6, { used: "seventh" });
    expect(await store.readSession("s1")).toMatchObject({
      generation: 7,
      sealed: { refresh: "sealed seventh" },
    });
    expect(await store.forgetRefreshToken(refreshTokenIds("seventh"))).toMatchObject({ count: 1 });
  });

  it("FE-10 FE-21 are not published over an end: a slow answer can’t bring the session back", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2");
    await signedIn(store, "b1", { user: BOB });
    await claim(store, "slow");
    await store.endSession({ id: "s1", reason: "signed_out" });
    const signedOut = { kind: "ended", reason: "signed_out" };
    expect(await publish(store, "slow")).toEqual({ kind: "lost", now: signedOut });
    expect(await store.readSession("s1")).toMatchObject({ generation: 0, sealed: null });

    // By a mark, in a row that nothing was written down in yet.
    await claim(store, "slow", 0, "b1");
    await store.endAllSessions({ reason: "ended_elsewhere" });
    await database.query(
      "update latchkey_sessions set ended_at = null, end_reason = null, sealed_access = 'left', sealed_refresh = 'left'",
    );
    for (const id of ["s2", "b1"]) {
      expect(await publish(store, "slow", 0, { id })).toEqual({
        kind: "lost",
        now: { kind: "ended", reason: "ended_elsewhere" },
      });
    }
    expect(await publish(store, "slow", 0, { id: "unknown" })).toEqual({
      kind: "lost",
      now: { kind: "absent" },
    });
  });

  it("FE-10 FE-21 are not published after a forgetting", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await claim(store, "slow");
    await store.forgetRefreshToken(refreshTokenIds("1//refresh-token-of-s1"));
    const forgotten = { kind: "forgotten" };
    expect(await publish(store, "slow")).toEqual({ kind: "lost", now: forgotten });
    expect(await claim(store, "b")).toEqual(forgotten);
    expect(await store.readSession("s1")).toMatchObject({ sealed: null, endReason: null });
  });

  it("either are published or not when the end comes at once, and the session is over afterwards", async () => {
    const [a, b] = [await database.open(), await database.open()];
    for (const [index, end] of [
      (id: string) => b.endSession({ id, reason: "over" }),
      () => b.endAllSessions({ reason: "over" }),
      () => b.forgetRefreshToken(refreshTokenIds("shared")),
    ].entries()) {
      for (let round = 0; round < 10; round++) {
        const id = `s${index}-${round}`;
        await signedIn(a, id, { session: { refreshTokenIds: refreshTokenIds("shared") } });
        await claim(a, "a", 0, id);
        const change = { id, used: "shared" };
        const [published] = await Promise.all([publish(a, "a", 0, change), end(id)]);
        expect(["published", "lost"]).toContain(published.kind);
        expect(await a.readSession(id)).toMatchObject({ sealed: null });
        expect(await publish(a, "a", 1, change)).toMatchObject({ kind: "lost" });
      }
    }
  });
});

describeOnBoth("A refresh token that replaces another", (database) => {
  const sharedBy = async (store: Store, ...ids: string[]) => {
    const session = {
      sealed: { access: "access", refresh: "sealed old" },
      refreshTokenIds: refreshTokenIds("old"),
    };
    for (const id of ids) await signedIn(store, id, { session });
  };
  const refreshTokensOf = (store: Store, ...ids: string[]) =>
    Promise.all(
      ids.map(async (id) => {
        const read = await store.readSession(id);
        return read.kind === "found" ? read.sealed?.refresh : read.kind;
      }),
    );

  it("FE-17 does so in every session that had it, with its ids, and in no other", async () => {
    const store = await database.open();
    await sharedBy(store, "s1", "s2", "s3", "s4");
    await signedIn(store, "s5");
    await store.endSession({ id: "s4", reason: "signed_out" });
    await publish(store, "a", 0, { used: "old", brings: "new" });
    expect(await refreshTokensOf(store, "s1", "s2", "s3", "s4", "s5")).toEqual([
      "sealed new",
      "sealed new",
      "sealed new",
      undefined,
      "sealed refresh of s5 0",
    ]);
    // The others have their own access tokens still, and their generation.
    expect(await store.readSession("s2")).toMatchObject({
      generation: 0,
      sealed: { access: "access" },
    });
    expect(await store.forgetRefreshToken(refreshTokenIds("old"))).toMatchObject({ count: 0 });
    expect(await store.forgetRefreshToken(refreshTokenIds("new"))).toMatchObject({ count: 3 });
  });

  it("FE-17 does so in the others also when its own session has ended meanwhile", async () => {
    const store = await database.open();
    await sharedBy(store, "s1", "s2");
    await store.endSession({ id: "s1", reason: "signed_out" });
    expect(await publish(store, "a", 0, { used: "old", brings: "new" })).toMatchObject({
      kind: "lost",
    });
    expect(await refreshTokensOf(store, "s1", "s2")).toEqual([undefined, "sealed new"]);
  });

  it("FE-17 isn’t undone by a slow refresh with the old one", async () => {
    const store = await database.open();
    await sharedBy(store, "s1", "s2");
    await publish(store, "a", 0, { id: "s1", used: "old", brings: "new" });
    expect(await publish(store, "slow", 0, { id: "s2", used: "old" })).toMatchObject({
      kind: "published",
    });
    expect(await store.readSession("s2")).toMatchObject({
      generation: 1,
      sealed: { access: "access of slow", refresh: "sealed new" },
    });
  });

  it("FE-17 goes well for two at once, each in a session of its own", async () => {
    const [a, b] = [await database.open(), await database.open()];
    for (let round = 0; round < 10; round++) {
      const ids = ["x", "y", "z"].map((name) => `${name}${round}`);
      const [x = "", y = "", z = ""] = ids;
      await sharedBy(a, ...ids);
      const answers = await Promise.all([
        publish(a, "a", 0, { id: x, used: "old", brings: "one" }),
        publish(b, "b", 0, { id: y, used: "old", brings: "two" }),
      ]);
      expect(answers.map(({ kind }) => kind)).toEqual(["published", "published"]);
      for (const token of await refreshTokensOf(a, x, y, z)) {
        expect(["sealed one", "sealed two"]).toContain(token);
      }
      const rows = await database.query(
        `select sealed_refresh, refresh_token_hash from latchkey_sessions where id_hash in ('${ids.map(hashSessionId).join("', '")}')`,
      );
      for (const row of rows) {
        const token = String(row.sealed_refresh).replace("sealed ", "");
        expect(row.refresh_token_hash).toBe(refreshTokenIds(token).hash);
      }
      await a.endAllSessions({ reason: "over" });
    }
  });

  it("FE-17 goes well beside ends of all sessions that have it, whatever their order", async () => {
    const [a, b] = [await database.open(), await database.open()];
    for (let round = 0; round < 20; round++) {
      const ids = Array.from({ length: 6 }, (_, index) => `s${round}-${index}`);
      await sharedBy(a, ...(round % 2 ? ids : ids.toReversed()));
      const [published, ended] = await Promise.all([
        publish(a, "a", 0, { id: ids[0] ?? "", used: "old", brings: "new" }),
        b.endAllSessions({ reason: "over" }),
      ]);
      expect(["published", "lost"]).toContain(published.kind);
      expect(ended.kind).toBe("ended");
      expect(await refreshTokensOf(a, ...ids)).toEqual(ids.map(() => undefined));
      expect(await b.prune({ idleMs: 1e12, absoluteMs: 1e12, notAfter: 1e15 })).toMatchObject({
        more: false,
      });
      expect(await database.dump()).not.toContain("sealed ");
    }
  });
});

import { expect, it } from "vitest";
import { EVERYBODY, hashPerson, hashSessionId } from "../../../app/config/id-hash.server";
import type { Store } from "../../../app/store/store.server";
import { describeOnBoth } from "../../support/databases";
import { ADA, BOB, DAY, NOW, signedIn, signIn } from "../../support/sign-in-fixture";
import { EVER, insertSessions, LIMITS } from "./fixtures";

const HOUR = 3_600_000;
const reasonOf = async (store: Store, id: string) => {
  const read = await store.readSession(id);
  return read.kind === "found" ? read.endReason : read.kind;
};
const marksOf = async (store: Store) => {
  const found = await store.endsSince(0);
  return found.kind === "found" ? found.marks : found.kind;
};
const startOf = async (store: Store, id: string) => {
  const recorded = await store.recordSignIn(signIn(id));
  return recorded.kind === "recorded" ? recorded.startedAt : recorded.kind;
};

describeOnBoth("The end of everybody’s sessions", (database) => {
  it("FE-3 is one write however many there are: none goes on, and none comes back", async () => {
    const [a, b] = [await database.open({ callMs: 20_000 }), await database.open()];
    await signedIn(a, "s1");
    await insertSessions(database, 50_000, { startedAt: `${NOW - DAY} + n`, people: 500 });
    const ended = await a.endAllSessions({ reason: "ended_elsewhere" });
    const mark = { who: EVERYBODY, endedBefore: NOW, reason: "ended_elsewhere", spared: null };
    expect(ended).toEqual({ kind: "ended", mark, count: 50_001 });
    expect(await b.endsSince(NOW)).toMatchObject({ ends: [], marks: [mark] });

    // Most rows are as they were, and over nevertheless.
    const [left] = await database.query(
      "select count(*) as count from latchkey_sessions where ended_at is null",
    );
    expect(Number(left?.count)).toBe(49_001);
    const [row] = await database.query(
      "select issuer, sub from latchkey_sessions where ended_at is null limit 1",
    );
    const person = { issuer: String(row?.issuer), sub: String(row?.sub) };
    expect(await b.listSessions({ ...person, ...EVER })).toEqual({ kind: "found", sessions: [] });
    expect(await b.tokensOf({ ...person, ...EVER })).toEqual({ kind: "none" });
    expect(await reasonOf(b, "s1")).toBe("ended_elsewhere");
    expect(await b.touchSession({ id: "s1", seenAt: NOW })).toEqual({
      kind: "ended",
      reason: "ended_elsewhere",
    });

    expect(await startOf(b, "s2")).toBe(NOW + 1);
    expect(await reasonOf(a, "s2")).toBeNull();
    expect(await a.endAllSessions({ reason: "again" })).toMatchObject({
      mark: { endedBefore: NOW + 1 },
      count: 1,
    });
  });

  it("FE-3 is written down in the rows step by step, and only the mark is told to others", async () => {
    const store = await database.open({ callMs: 20_000 });
    await insertSessions(database, 3500, { startedAt: `${NOW} - n`, people: 10 });
    await signedIn(store, "s1");
    await store.endSession({ id: "s1", reason: "signed_out" });
    await store.endAllSessions({ reason: "ended_elsewhere" });
    const unswept = async () =>
      (await database.query("select 1 from latchkey_sessions where sealed_refresh is not null"))
        .length;
    const steps = [await unswept()];
    for (let more = true; more; ) {
      const pruned = await store.prune(LIMITS);
      more = pruned.kind === "pruned" && pruned.more;
      steps.push(await unswept());
    }
    expect(steps).toEqual([2500, 1500, 500, 0]);
    const end = { idHash: hashSessionId("s1"), reason: "signed_out", endedAt: NOW };
    expect(await store.endsSince(0)).toMatchObject({ ends: [end], marks: [{ who: EVERYBODY }] });

    const swept = () => database.query("select 1 from latchkey_end_marks where swept_at > 0");
    expect(await swept()).toEqual([]);
    await database.setClock(NOW + 60_000);
    await store.prune(LIMITS);
    expect(await swept()).toHaveLength(1);
    await database.setClock(NOW + 7 * DAY);
    await store.prune(LIMITS);
    expect(await marksOf(store)).toEqual([]);
  });

  it("FE-3 holds for a session whose sign-in began before it and was written after it", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await database.setClock(NOW + 10);
    await store.endAllSessions({ reason: "ended_elsewhere" });
    await insertSessions(database, 2, { startedAt: `${NOW + 8} + n` });
    await database.setClock(NOW + 20);
    expect(await store.prune(LIMITS)).toMatchObject({ kind: "pruned" });
    const rows = await database.query(
      "select id_hash, end_reason, sealed_refresh, cast(ended_by_mark as text) as by_mark from latchkey_sessions where id_hash like 'other%' order by id_hash",
    );
    const over = { end_reason: "ended_elsewhere", sealed_refresh: null, by_mark: "1" };
    expect(rows).toEqual([
      { id_hash: "other-1", ...over },
      { id_hash: "other-2", ...over },
    ]);
  });

  it("FE-3 FE-4 comes before every later sign-in, also when the clock is set back by an hour", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await store.endAllSessions({ reason: "ended_elsewhere" });
    await database.setClock(NOW - HOUR);
    expect(await startOf(store, "s2")).toBe(NOW + 1);
    expect(await reasonOf(store, "s2")).toBeNull();
    // And what is ended then ends that one too.
    expect(await store.endAllSessions({ reason: "again" })).toMatchObject({ count: 1 });
    expect(await reasonOf(store, "s2")).toBe("again");
    expect(await startOf(store, "s3")).toBe(NOW + 2);
    expect(await reasonOf(store, "s3")).toBeNull();
    const found = await store.endsSince(NOW);
    expect(found).toMatchObject({ now: NOW - HOUR, marks: [{ endedBefore: NOW + 1 }] });
  });

  it("FE-3 leaves none that began before it when sign-ins, touches and refreshes come at once", async () => {
    const [a, b] = [await database.open(), await database.open()];
    for (let round = 1; round <= 10; round++) {
      await database.setClock(NOW + round * 1000);
      const id = `s${round}`;
      await signedIn(a, `old${round}`);
      const [recorded, ended] = await Promise.all([
        a.recordSignIn(signIn(id)),
        b.endAllSessions({ reason: "over" }),
        a.touchSession({ id: `old${round}`, seenAt: NOW }),
      ]);
      if (recorded.kind !== "recorded" || ended.kind !== "ended") throw new Error("unavailable");
      const isOver = recorded.startedAt <= ended.mark.endedBefore;
      expect(await reasonOf(a, id)).toBe(isOver ? "over" : null);
      expect(await reasonOf(a, `old${round}`)).toBe("over");
    }
  });
});

describeOnBoth("The end of a person’s sessions", (database) => {
  const end = (store: Store, change: { except?: string; startedBefore?: number } = {}) =>
    store.endSessions({ ...ADA, reason: "ended_elsewhere", ...change });

  it("FE-3 is a mark that sessions without a row have to heed, and nobody else’s", async () => {
    const store = await database.open();
    await signedIn(store, "b1", { user: BOB });
    expect(await end(store)).toEqual({
      kind: "ended",
      mark: {
        who: hashPerson(ADA),
        endedBefore: NOW,
        reason: "ended_elsewhere",
        spared: null,
      },
      count: 0,
    });
    expect(await reasonOf(store, "b1")).toBeNull();
    expect(await startOf(store, "s1")).toBe(NOW + 1);
  });

  it("FE-3 never moves back: an older mark after a newer one ends no later session and wakes none", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await database.setClock(NOW + 10);
    await end(store);
    expect(await end(store, { startedBefore: NOW - 5 })).toMatchObject({
      mark: { endedBefore: NOW + 10 },
      count: 0,
    });
    expect(await reasonOf(store, "s1")).toBe("ended_elsewhere");
    expect(await marksOf(store)).toEqual([
      { who: hashPerson(ADA), endedBefore: NOW + 10, reason: "ended_elsewhere", spared: null },
    ]);
  });

  it("FE-3 spares one, which an older mark still ends if it began before that", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await database.setClock(NOW + 10);
    await signedIn(store, "s2");
    await database.setClock(NOW + 20);
    await signedIn(store, "s3");
    expect(await end(store, { except: "s2" })).toMatchObject({ count: 2 });
    // Google tells of something at a moment before s2 began, then of something after.
    expect(await end(store, { startedBefore: NOW + 10 })).toMatchObject({
      mark: { endedBefore: NOW + 20, spared: hashSessionId("s2") },
    });
    expect(await reasonOf(store, "s2")).toBeNull();
    expect(await end(store, { startedBefore: NOW + 11 })).toMatchObject({
      mark: { endedBefore: NOW + 20, spared: null },
    });
    expect(await reasonOf(store, "s2")).toBe("ended_elsewhere");
  });

  it("FE-3 spares one again, and one that began since the mark before, but none that this ended", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2");
    await end(store, { except: "s1" });
    await database.setClock(NOW + 10);
    expect(await end(store, { except: "s1" })).toMatchObject({
      mark: { spared: hashSessionId("s1") },
    });
    await database.setClock(NOW + 20);
    await signedIn(store, "s3");
    expect(await end(store, { except: "s3" })).toMatchObject({
      mark: { spared: hashSessionId("s3") },
    });
    expect(await reasonOf(store, "s3")).toBeNull();
    expect(await reasonOf(store, "s1")).toBe("ended_elsewhere");

    // A late request of s2, whose row hasn’t been reached yet: it stays over.
    await database.query(
      `update latchkey_sessions set ended_at = null, end_reason = null where id_hash = '${hashSessionId("s2")}'`,
    );
    expect(await end(store, { except: "s2" })).toMatchObject({ mark: { spared: null } });
    expect(await reasonOf(store, "s2")).toBe("ended_elsewhere");
    expect(await end(store, { except: "unknown" })).toMatchObject({ mark: { spared: null } });
  });

  it("FE-3 is never lost between two at once, whichever comes first", async () => {
    const [a, b] = [await database.open(), await database.open()];
    for (let round = 1; round <= 10; round++) {
      await database.setClock(NOW + round * 1000);
      await signedIn(a, `x${round}`);
      await signedIn(a, `y${round}`);
      const answers = await Promise.all([
        end(a, { except: `x${round}` }),
        end(b, { startedBefore: NOW + round * 1000 + 1 }),
      ]);
      expect(answers.map(({ kind }) => kind)).toEqual(["ended", "ended"]);
      expect(await reasonOf(a, `x${round}`)).toBe("ended_elsewhere");
      expect(await reasonOf(a, `y${round}`)).toBe("ended_elsewhere");
      expect(await startOf(a, `z${round}`)).toBeGreaterThan(NOW + round * 1000);
      expect(await reasonOf(a, `z${round}`)).toBeNull();
    }
  });
});

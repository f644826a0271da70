import { expect, it } from "vitest";
import { refreshTokenIds } from "../../../app/store/refresh-token-ids.server";
import { describeOnBoth } from "../../support/databases";
import { ADA, DAY, NOW, signedIn } from "../../support/sign-in-fixture";
import { EVER, LIMITS } from "./fixtures";

describeOnBoth("Security events", (database) => {
  it("are new once, however often and wherever they arrive, and whatever their jti is", async () => {
    const [a, b] = [await database.open(), await database.open()];
    const event = { jti: "756E69717565206964656E746966696572" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? a : b).recordSecurityEvent(event)),
    );
    expect(answers.filter(({ kind }) => kind === "new")).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === "seen")).toHaveLength(9);
    expect(await b.findSecurityEvent(event.jti)).toEqual({ kind: "seen" });
    expect(await b.findSecurityEvent("another")).toEqual({ kind: "new" });
    const odd = { jti: `${"x".repeat(50_000)}\0` };
    expect(await a.recordSecurityEvent(odd)).toEqual({ kind: "new" });
    expect(await a.recordSecurityEvent(odd)).toEqual({ kind: "seen" });
  });
});

describeOnBoth("Pruning", (database) => {
  const untouched = { kind: "pruned", sessions: 0, securityEvents: 0, rateLimits: 0, more: false };

  it("FE-1 deletes sessions a day after they reached a limit, ended or not, and no others", async () => {
    const store = await database.open();
    await signedIn(store, "unused");
    await signedIn(store, "ended");
    await signedIn(store, "refreshed");
    await signedIn(store, "used");
    await store.endSession({ id: "ended", reason: "signed_out" });
    await database.setClock(NOW + 15 * DAY);
    await store.touchSession({ id: "used", seenAt: NOW + 15 * DAY });
    await store.publishRefresh({
      id: "refreshed",
      generation: 0,
      sealed: { access: "access", refresh: "refresh" },
      refreshTokenIds: refreshTokenIds("t"),
      replaces: null,
    });
    await database.setClock(NOW + 31 * DAY - 1);
    expect(await store.prune(LIMITS)).toEqual(untouched);
    await database.setClock(NOW + 31 * DAY);
    expect(await store.prune(LIMITS)).toEqual({ ...untouched, sessions: 2 });
    expect(await store.readSession("ended")).toEqual({ kind: "absent" });
    for (const id of ["refreshed", "used"]) {
      expect(await store.readSession(id)).toMatchObject({ kind: "found", endReason: null });
    }
    expect(await store.readUser(ADA)).toMatchObject({ kind: "found" });

    await database.setClock(NOW + 181 * DAY - 1);
    for (const id of ["refreshed", "used"]) {
      await store.touchSession({ id, seenAt: NOW + 181 * DAY });
    }
    expect(await store.prune(LIMITS)).toEqual(untouched);
    await database.setClock(NOW + 181 * DAY);
    expect(await store.prune(LIMITS)).toEqual({ ...untouched, sessions: 2 });
  });

  it("FE-1 goes by today’s limits: raised ones keep what older ones would have deleted", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await database.setClock(NOW + 300 * DAY);
    await store.touchSession({ id: "s1", seenAt: NOW + 300 * DAY });
    expect(await store.prune({ ...LIMITS, absoluteMs: 365 * DAY })).toEqual(untouched);
    expect(await store.readSession("s1")).toMatchObject({ kind: "found" });
    expect(await store.prune({ ...LIMITS, absoluteMs: 299 * DAY })).toMatchObject({ sessions: 1 });
  });

  it("FE-1 leaves no trace of a session: it is absent wherever it is asked for", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await database.query("delete from latchkey_sessions");
    const claim = { id: "s1", generation: 0, holder: "h", leaseMs: 99, seenAt: NOW };
    const renewed = {
      sealed: { access: "access", refresh: "refresh" },
      refreshTokenIds: refreshTokenIds("t"),
      replaces: null,
    };
    const absent = { kind: "absent" };
    expect(await store.readSession("s1")).toEqual(absent);
    expect(await store.touchSession({ id: "s1", seenAt: NOW })).toEqual(absent);
    expect(await store.claimRefresh(claim)).toEqual(absent);
    expect(await store.publishRefresh({ id: "s1", generation: 0, ...renewed })).toEqual({
      kind: "lost",
      now: absent,
    });
    expect(await store.endSession({ id: "s1", reason: "signed_out" })).toEqual(absent);
    expect(await store.listSessions({ ...ADA, ...EVER })).toMatchObject({ sessions: [] });
  });

  it("FE-18 takes the tokens of devices that ended by idling out of the database", async () => {
    const store = await database.open();
    await signedIn(store, "idle");
    expect(await database.dump()).toContain("sealed refresh of idle");
    await database.setClock(NOW + 31 * DAY);
    await store.prune(LIMITS);
    expect(await database.dump()).not.toContain("sealed refresh");
  });

  it("keeps a session that is used again at the same moment", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await database.setClock(NOW);
    for (let round = 0; round < 10; round++) {
      await database.setClock(NOW);
      await signedIn(a, `s${round}`);
      await database.setClock(NOW + 31 * DAY);
      const [touched] = await Promise.all([
        a.touchSession({ id: `s${round}`, seenAt: NOW + 31 * DAY }),
        b.prune(LIMITS),
      ]);
      const { kind } = await a.readSession(`s${round}`);
      expect(kind).toBe(touched.kind === "live" ? "found" : "absent");
    }
  });

  it("forgets security events after 30 days, so that a repeated one is still known", async () => {
    const store = await database.open();
    await store.recordSecurityEvent({ jti: "old" });
    await database.setClock(NOW + 1);
    await store.recordSecurityEvent({ jti: "young" });
    await database.setClock(NOW + 30 * DAY);
    expect(await store.prune(LIMITS)).toMatchObject({ securityEvents: 1 });
    expect(await store.recordSecurityEvent({ jti: "young" })).toEqual({ kind: "seen" });
  });

  it("does a bounded amount of work, and says when more is left", async () => {
    const store = await database.open();
    await database.query(
      database.engine === "postgres"
        ? "insert into latchkey_security_events select 'event-' || n, 1 from generate_series(1, 1500) n"
        : `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 1500)
           insert into latchkey_security_events select 'event-' || n, 1 from numbers`,
    );
    expect(await store.prune(LIMITS)).toMatchObject({ securityEvents: 1000, more: true });
    expect(await store.prune(LIMITS)).toMatchObject({ securityEvents: 500, more: false });
  });
});

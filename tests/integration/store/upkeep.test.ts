import { expect, it } from "vitest";
import { describeOnBoth } from "../../support/databases";
import { ADA, DAY, NOW, signedIn } from "../../support/sign-in-fixture";

const HOUR = 3_600_000;

describeOnBoth("Security events", (database) => {
  it("are new once, however often and wherever they arrive, and whatever their jti is", async () => {
    const [a, b] = [await database.open(), await database.open()];
    const event = { jti: "756E69717565206964656E746966696572", now: NOW };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? a : b).recordSecurityEvent(event)),
    );
    expect(answers.filter(({ kind }) => kind === "new")).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === "seen")).toHaveLength(9);
    expect(await b.findSecurityEvent(event.jti)).toEqual({ kind: "seen" });
    expect(await b.findSecurityEvent("another")).toEqual({ kind: "new" });
    const odd = { jti: `${"x".repeat(50_000)}\0`, now: NOW };
    expect(await a.recordSecurityEvent(odd)).toEqual({ kind: "new" });
    expect(await a.recordSecurityEvent(odd)).toEqual({ kind: "seen" });
  });
});

describeOnBoth("Pruning", (database) => {
  it("deletes sessions an hour after their absolute end, ended or not, and no others", async () => {
    const store = await database.open();
    await signedIn(store, "out", { session: { expiresAt: NOW } });
    await signedIn(store, "ended", { session: { expiresAt: NOW } });
    await signedIn(store, "live");
    await store.endSession({ id: "ended", reason: "signed_out", now: NOW });
    expect(await store.prune(NOW + HOUR - 1)).toEqual({
      kind: "pruned",
      sessions: 0,
      securityEvents: 0,
      rateLimits: 0,
      more: false,
    });
    expect(await store.prune(NOW + HOUR)).toMatchObject({ sessions: 2 });
    expect(await store.readSession("ended")).toEqual({ kind: "absent" });
    expect(await store.readSession("live")).toMatchObject({ kind: "found" });
    expect(await store.readUser(ADA)).toMatchObject({ kind: "found" });
  });

  it("forgets security events after 30 days, so that a repeated one is still known", async () => {
    const store = await database.open();
    await store.recordSecurityEvent({ jti: "old", now: NOW - 30 * DAY });
    await store.recordSecurityEvent({ jti: "young", now: NOW - 30 * DAY + 1 });
    expect(await store.prune(NOW)).toMatchObject({ securityEvents: 1 });
    expect(await store.recordSecurityEvent({ jti: "young", now: NOW })).toEqual({ kind: "seen" });
  });

  it("does a bounded amount of work, and says when more is left", async () => {
    const store = await database.open();
    await database.query(
      database.engine === "postgres"
        ? "insert into latchkey_security_events select 'event-' || n, 1 from generate_series(1, 1500) n"
        : `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 1500)
           insert into latchkey_security_events select 'event-' || n, 1 from numbers`,
    );
    expect(await store.prune(NOW)).toMatchObject({ securityEvents: 1000, more: true });
    expect(await store.prune(NOW)).toMatchObject({ securityEvents: 500, more: false });
  });
});

import { expect, it } from "vitest";
import { refreshTokenIds } from "../../../app/store/refresh-token-ids.server";
import type { Store } from "../../../app/store/store.server";
import { describeOnBoth } from "../../support/databases";
import { NOW, signedIn } from "../../support/sign-in-fixture";

const LEASE_MS = 10_000;

const claim = (store: Store, holder: string, generation = 0, now = NOW) =>
  store.claimRefresh({ id: "s1", generation, holder, leaseUntil: now + LEASE_MS, now });

const publish = (store: Store, holder: string, generation = 0, now = NOW) =>
  store.publishRefresh({
    id: "s1",
    generation,
    holder,
    sealedTokens: `tokens of ${holder}`,
    refreshTokenIds: refreshTokenIds(`refresh token of ${holder}`),
    now,
  });

describeOnBoth("The lease on a session's refresh", (database) => {
  it("goes to exactly one of 50 that ask at once, through two stores", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await signedIn(a, "s1");
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => claim(index % 2 ? a : b, `holder ${index}`)),
    );
    expect(answers.filter(({ kind }) => kind === "claimed")).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === "held")).toHaveLength(49);
    expect(answers).toContainEqual({ kind: "held", until: NOW + LEASE_MS });
  });

  it("lets the winner write the next generation, which those who come late are given", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await claim(store, "a");
    expect(await publish(store, "a")).toEqual({ kind: "published", generation: 1 });

    const newer = { kind: "newer", generation: 1, sealedTokens: "tokens of a" };
    expect(await claim(store, "late")).toEqual(newer);
    expect(await store.readSession("s1")).toEqual({
      kind: "found",
      generation: 1,
      sealedTokens: "tokens of a",
      ended: null,
      lease: null,
    });
    expect(await claim(store, "next", 1)).toEqual({ kind: "claimed" });
  });

  it("is taken over once it has run out, and the late answer of the first changes nothing", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await claim(store, "slow");
    expect(await claim(store, "b", 0, NOW + LEASE_MS - 1)).toMatchObject({ kind: "held" });
    const later = NOW + LEASE_MS;
    expect(await claim(store, "b", 0, later)).toEqual({ kind: "claimed" });

    expect(await publish(store, "slow", 0, later)).toEqual({
      kind: "lost",
      now: { kind: "held", until: later + LEASE_MS },
    });
    expect(await publish(store, "b", 0, later)).toMatchObject({ kind: "published" });
    expect(await publish(store, "slow", 0, later)).toEqual({
      kind: "lost",
      now: { kind: "newer", generation: 1, sealedTokens: "tokens of b" },
    });
    expect(await store.readSession("s1")).toMatchObject({ sealedTokens: "tokens of b" });
  });

  it("may be used after it has run out, as long as nobody took over", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await claim(store, "slow");
    expect(await publish(store, "slow", 0, NOW + 2 * LEASE_MS)).toMatchObject({
      kind: "published",
    });
  });

  it("is free at once when it is given back, and only its holder can do that", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await claim(store, "a");
    await store.releaseRefresh({ id: "s1", holder: "somebody else" });
    expect(await claim(store, "b")).toMatchObject({ kind: "held" });
    await store.releaseRefresh({ id: "s1", holder: "a" });
    expect(await claim(store, "b")).toEqual({ kind: "claimed" });
    expect(await publish(store, "a")).toMatchObject({ kind: "lost" });
  });

  it("is lost with the session's end: a slow answer can't bring the session back", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await claim(store, "slow");
    await store.endSession({ id: "s1", reason: "signed_out", now: NOW + 1 });

    const ended = { kind: "ended", reason: "signed_out", at: NOW + 1 };
    expect(await publish(store, "slow")).toEqual({ kind: "lost", now: ended });
    expect(await claim(store, "b")).toEqual(ended);
    expect(await store.readSession("s1")).toMatchObject({ generation: 0, sealedTokens: null });
  });

  it("either publishes or ends when both happen at once, and is ended afterwards", async () => {
    const [a, b] = [await database.open(), await database.open()];
    await signedIn(a, "s1");
    await claim(a, "a");
    const [published] = await Promise.all([
      publish(a, "a"),
      b.endSession({ id: "s1", reason: "signed_out", now: NOW }),
    ]);
    expect(["published", "lost"]).toContain(published.kind);
    expect(await a.readSession("s1")).toMatchObject({
      sealedTokens: null,
      ended: { reason: "signed_out" },
    });
  });

  it("is given for a cookie that is ahead, after refreshes without the database", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    expect(await claim(store, "a", 4)).toEqual({ kind: "claimed" });
    expect(await claim(store, "b", 0)).toMatchObject({ kind: "held" });
    expect(await publish(store, "a", 4)).toEqual({ kind: "published", generation: 5 });
    expect(await claim(store, "b", 4)).toMatchObject({ kind: "newer", generation: 5 });
  });

  it("isn't given for a session that nobody recorded", async () => {
    const store = await database.open();
    expect(await claim(store, "a")).toEqual({ kind: "absent" });
    expect(await publish(store, "a")).toEqual({ kind: "lost", now: { kind: "absent" } });
    expect(await store.readSession("s1")).toEqual({ kind: "absent" });
  });
});

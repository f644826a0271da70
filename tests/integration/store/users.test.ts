import { expect, it } from "vitest";
import { hashPerson, hashSessionId } from "../../../app/config/id-hash.server";
import { describeOnBoth } from "../../support/databases";
import { ADA, BOB, DAY, NOW, signedIn, signIn } from "../../support/sign-in-fixture";
import { EVER, LIMITS } from "./fixtures";

describeOnBoth("A person", (database) => {
  it("is known by issuer and sub; what is displayed follows the latest sign-in", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await database.setClock(NOW + DAY);
    await signedIn(store, "s2", {
      user: { name: "Ada \0King", email: "ada@king.example", picture: null },
    });
    await signedIn(store, "s3", { user: { issuer: "http://other.example" } });
    expect(await store.readUser(ADA)).toEqual({
      kind: "found",
      user: {
        ...ADA,
        name: "Ada King",
        email: "ada@king.example",
        picture: null,
        hostedDomain: null,
        createdAt: NOW,
        lastSignedInAt: NOW + DAY,
        disabledAt: null,
        googleBlockedAt: null,
        googleEnabledAt: null,
        stepUpRequiredAt: null,
      },
    });
    expect(await store.readUser(BOB)).toEqual({ kind: "absent" });
  });

  it("is found by sub, or by an email in any case of letters, which may be several’s", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await database.setClock(NOW + 1);
    await signedIn(store, "s2", { user: { ...BOB, email: "ADA@example.com" } });
    await signedIn(store, "s3", { user: { issuer: "http://other.example" } });
    const find = async (subOrEmail: string) => {
      const found = await store.findUsers({ issuer: ADA.issuer, subOrEmail });
      return found.kind === "found" ? found.users.map((user) => user.sub) : found;
    };
    expect(await find(ADA.sub)).toEqual([ADA.sub]);
    expect(await find("Ada@Example.com")).toEqual([ADA.sub, BOB.sub]);
    expect(await find("ada@example.com\0")).toEqual([ADA.sub, BOB.sub]);
    expect(await find("%")).toEqual([]);
  });

  it("that Google reports disabled can’t sign in until it is enabled, and sessions go on", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await store.setGoogleBlocked({ ...ADA, blocked: true, at: NOW });
    await store.setGoogleBlocked({ ...ADA, blocked: true, at: NOW + 9 });
    await database.setClock(NOW + 9);
    expect(await store.readUser(ADA)).toMatchObject({ user: { googleBlockedAt: NOW } });
    expect(await store.recordSignIn(signIn("s2"))).toEqual({
      kind: "disabled",
      by: "google",
    });
    expect(await store.readUser(ADA)).toMatchObject({ user: { lastSignedInAt: NOW } });
    expect(await store.readSession("s1")).toMatchObject({ endReason: null });
    await store.setGoogleBlocked({ ...ADA, blocked: false, at: NOW + 10 });
    expect(await store.readUser(ADA)).toMatchObject({
      user: { googleBlockedAt: null, googleEnabledAt: NOW + 10 },
    });
    expect(await store.recordSignIn(signIn("s2"))).toMatchObject({ kind: "recorded" });
  });

  it("can be asked to confirm who they are by a later sign-in: the latest demand counts", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    for (const [after, stepUpRequiredAt] of [
      [NOW, NOW],
      [NOW + 9, NOW + 9],
      [NOW + 5, NOW + 9],
    ] as const) {
      expect(await store.requireStepUp({ ...ADA, after })).toEqual({ kind: "set" });
      expect(await store.readUser(ADA)).toMatchObject({ user: { stepUpRequiredAt } });
    }
    expect(await store.requireStepUp({ ...BOB, after: NOW })).toEqual({ kind: "absent" });
    expect(await store.setGoogleBlocked({ ...BOB, blocked: true, at: NOW })).toEqual({
      kind: "absent",
    });
    expect(await store.setUserDisabled({ ...BOB, disabled: true, reason: "r" })).toEqual({
      kind: "absent",
    });
  });
});

describeOnBoth("A deleted account", (database) => {
  const end = { ...ADA, reason: "account_deleted" };

  it("MP-08 leaves no row that names the person, and nothing of anybody else’s is lost", async () => {
    const store = await database.open();
    const marks = { browser: "Marked browser", system: "Marked system" };
    await signedIn(store, "s1", { session: marks });
    await signedIn(store, "s2", { session: marks });
    await signedIn(store, "b1", {
      user: { ...BOB, name: "Bob", email: "bob@example.com", picture: null },
    });
    await store.endSession({ id: "s2", reason: "signed_out" });
    const handles = await store.listSessions({ ...ADA, ...EVER });
    const handle = handles.kind === "found" ? (handles.sessions[0]?.handle ?? "") : "";
    const named = [ADA.sub, "Ada", "ada@", "ada.png", "Marked", "of s1", hashPerson(ADA), handle];
    const before = await database.dump();
    for (const text of named) expect(before, text).toContain(text);

    expect(await store.deleteUser(end)).toMatchObject({
      kind: "deleted",
      ended: { count: 1, mark: { who: hashPerson(ADA), reason: "account_deleted", spared: null } },
    });
    const after = await database.dump();
    // The hash alone is left, of the mark: sessions without a row have to be told too.
    const [mark] = await database.query("select who from latchkey_end_marks");
    expect(mark).toEqual({ who: hashPerson(ADA) });
    for (const text of named) {
      expect(after.replace(hashPerson(ADA), ""), text).not.toContain(text);
    }
    expect(await store.readUser(ADA)).toEqual({ kind: "absent" });
    expect(await store.readUser(BOB)).toMatchObject({ user: { name: "Bob" } });
    expect(await store.readSession("b1")).toMatchObject({ endReason: null });
    // Sessions whose rows are gone end too, so that there is always something to do.
    expect(await store.deleteUser(end)).toMatchObject({ kind: "deleted", ended: { count: 0 } });
  });

  it("leaves copied cookies worthless, each with its own reason, here and in other processes", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2");
    await store.endSession({ id: "s2", reason: "signed_out" });
    await database.setClock(NOW + 5);
    const deleted = await store.deleteUser(end);
    const claim = { generation: 0, holder: "h", leaseMs: 99, seenAt: NOW };
    expect(await store.claimRefresh({ id: "s1", ...claim })).toEqual({
      kind: "ended",
      reason: "account_deleted",
    });
    expect(await store.claimRefresh({ id: "s2", ...claim })).toMatchObject({
      reason: "signed_out",
    });
    // The mark speaks for s1, and for every session of theirs that has no row.
    expect(await store.endsSince(NOW)).toMatchObject({
      ends: [{ idHash: hashSessionId("s2") }],
      marks: [deleted.kind === "deleted" && deleted.ended.mark],
    });
    await database.setClock(NOW + 200 * DAY);
    expect(await store.prune(LIMITS)).toMatchObject({ sessions: 2 });
  });

  it("lets the person begin anew, also at the same moment", async () => {
    const [a, b] = [await database.open(), await database.open()];
    for (let round = 1; round <= 10; round++) {
      await signedIn(a, `old${round}`);
      const [again] = await Promise.all([a.recordSignIn(signIn(`new${round}`)), b.deleteUser(end)]);
      expect(again).toMatchObject({ kind: "recorded" });
      const user = await a.readUser(ADA);
      const session = await a.readSession(`new${round}`);
      // Before the deletion, then gone with it; or after it, then both are there.
      const there = session.kind === "found" && session.endReason === null;
      expect(there).toBe(user.kind === "found");
    }
  });
});

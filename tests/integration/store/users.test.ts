import { expect, it } from "vitest";
import { describeOnBoth } from "../../support/databases";
import { ADA, BOB, DAY, NOW, signedIn, signIn } from "../../support/sign-in-fixture";

describeOnBoth("A person", (database) => {
  it("is known by issuer and sub; what is displayed follows the latest sign-in", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2", {
      user: { name: "Ada \0King", email: "ada@king.example", picture: null },
      now: NOW + DAY,
    });
    await signedIn(store, "s3", { user: { issuer: "http://other.example" } });
    expect(await store.readUser(ADA)).toEqual({
      kind: "found",
      user: {
        ...ADA,
        name: "Ada King",
        email: "ada@king.example",
        picture: null,
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

  it("is found by sub, or by an email in any case of letters, which may be several's", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2", { user: { ...BOB, email: "ADA@example.com" }, now: NOW + 1 });
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

  it("that Google reports disabled can't sign in until it is enabled, and sessions go on", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await store.setGoogleBlocked({ ...ADA, blocked: true, now: NOW });
    await store.setGoogleBlocked({ ...ADA, blocked: true, now: NOW + 9 });
    expect(await store.readUser(ADA)).toMatchObject({ user: { googleBlockedAt: NOW } });
    expect(await store.recordSignIn(signIn("s2", { now: NOW + 9 }))).toEqual({
      kind: "disabled",
      by: "google",
    });
    expect(await store.readUser(ADA)).toMatchObject({ user: { lastSignedInAt: NOW } });
    expect(await store.readSession("s1")).toMatchObject({ ended: null });
    await store.setGoogleBlocked({ ...ADA, blocked: false, now: NOW + 10 });
    expect(await store.readUser(ADA)).toMatchObject({
      user: { googleBlockedAt: null, googleEnabledAt: NOW + 10 },
    });
    expect(await store.recordSignIn(signIn("s2"))).toEqual({ kind: "recorded" });
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
    const unknown = { ...BOB, now: NOW };
    expect(await store.requireStepUp({ ...BOB, after: NOW })).toEqual({ kind: "absent" });
    expect(await store.setGoogleBlocked({ ...unknown, blocked: true })).toEqual({ kind: "absent" });
    expect(await store.setUserDisabled({ ...unknown, disabled: true, reason: "r" })).toEqual({
      kind: "absent",
    });
  });
});

describeOnBoth("A deleted account", (database) => {
  const end = { ...ADA, reason: "account_deleted", now: NOW + 5 };

  it("MP-08 leaves no row that names the person, and nothing of anybody else's is lost", async () => {
    const store = await database.open();
    const marks = { browser: "Marked browser", system: "Marked system" };
    await signedIn(store, "s1", { session: marks });
    await signedIn(store, "s2", { session: marks });
    await signedIn(store, "b1", {
      user: { ...BOB, name: "Bob", email: "bob@example.com", picture: null },
    });
    await store.endSession({ id: "s2", reason: "signed_out", now: NOW });
    const handles = await store.listSessions({ ...ADA, now: NOW });
    const handle = handles.kind === "found" ? (handles.sessions[0]?.handle ?? "") : "";
    const named = [ADA.sub, "Ada", "ada@", "ada.png", "Marked", "sealed s", handle];
    const before = await database.dump();
    for (const text of named) expect(before, text).toContain(text);

    expect(await store.deleteUser(end)).toMatchObject({ kind: "deleted", ended: [{}] });
    const after = await database.dump();
    for (const text of named) expect(after, text).not.toContain(text);
    expect(await store.readUser(ADA)).toEqual({ kind: "absent" });
    expect(await store.readUser(BOB)).toMatchObject({ user: { name: "Bob" } });
    expect(await store.readSession("b1")).toMatchObject({ ended: null });
    expect(await store.deleteUser(end)).toEqual({ kind: "absent" });
  });

  it("leaves copied cookies worthless, each with its own reason, here and in other processes", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2");
    await store.endSession({ id: "s2", reason: "signed_out", now: NOW });
    await store.deleteUser(end);
    const claim = { generation: 0, holder: "h", leaseUntil: NOW + 99, now: NOW + 9 };
    expect(await store.claimRefresh({ id: "s1", ...claim })).toEqual({
      kind: "ended",
      reason: "account_deleted",
      at: NOW + 5,
    });
    expect(await store.claimRefresh({ id: "s2", ...claim })).toMatchObject({
      reason: "signed_out",
    });
    expect(await store.recentEnds(NOW)).toMatchObject({ ends: [{}, {}] });
    expect(await store.prune(NOW + 200 * DAY)).toMatchObject({ sessions: 2 });
  });

  it("lets the person begin anew, also at the same moment", async () => {
    const [a, b] = [await database.open(), await database.open()];
    for (let round = 1; round <= 10; round++) {
      await signedIn(a, `old${round}`);
      const [again] = await Promise.all([a.recordSignIn(signIn(`new${round}`)), b.deleteUser(end)]);
      expect(again).toEqual({ kind: "recorded" });
      const user = await a.readUser(ADA);
      const session = await a.readSession(`new${round}`);
      // Before the deletion, then gone with it; or after it, then both are there.
      const there = session.kind === "found" && session.ended === null;
      expect(there).toBe(user.kind === "found");
    }
  });
});

import { expect, it } from "vitest";
import { hashSessionId } from "../../../app/config/id-hash.server";
import {
  refreshTokenIdFromEvent,
  refreshTokenIds,
} from "../../../app/store/refresh-token-ids.server";
import { describeOnBoth } from "../../support/databases";
import { ADA, BOB, NOW, signedIn } from "../../support/sign-in-fixture";
import { EVER } from "./fixtures";

const withToken = (refreshToken: string) => ({
  session: { refreshTokenIds: refreshTokenIds(refreshToken) },
});

const renewed = (refreshToken: string) => ({
  sealed: { access: "access", refresh: `sealed ${refreshToken === "new" ? "new" : "another"}` },
  refreshTokenIds: refreshTokenIds(refreshToken),
});

describeOnBoth("A person’s tokens", (database) => {
  it("are the ones written last among live sessions", async () => {
    const store = await database.open();
    const asked = { ...ADA, ...EVER };
    expect(await store.tokensOf(asked)).toEqual({ kind: "none" });
    for (const [index, id] of ["s1", "s2", "s3"].entries()) {
      await database.setClock(NOW + index);
      await signedIn(store, id);
    }
    await signedIn(store, "b1", { user: BOB });
    await store.endSession({ id: "s3", reason: "signed_out" });
    expect(await store.tokensOf(asked)).toEqual({
      kind: "found",
      sealed: { access: "sealed access of s2 0", refresh: "sealed refresh of s2 0" },
    });
    await database.setClock(NOW + 9);
    const replaces = refreshTokenIds("1//refresh-token-of-s1").hash;
    await store.publishRefresh({ id: "s1", generation: 0, ...renewed("new"), replaces });
    expect(await store.tokensOf(asked)).toMatchObject({ sealed: { refresh: "sealed new" } });
    await store.endSessions({ ...ADA, reason: "ended_elsewhere" });
    expect(await store.tokensOf(asked)).toEqual({ kind: "none" });
    expect(await store.tokensOf({ ...BOB, ...EVER })).toMatchObject({ kind: "found" });
  });

  it("FE-17 are exchanged by one at a time, also by who has no session of the grant yet", async () => {
    const store = await database.open();
    const token = "1//0gSharedToken-abcdefghijklmnop";
    await signedIn(store, "s1", withToken(token));
    await signedIn(store, "s2", withToken(token));
    const lease = { ...ADA, refreshTokenHash: refreshTokenIds(token).hash, leaseMs: 15_000 };
    const refresh = { id: "s2", generation: 0, holder: "a refresh", leaseMs: 15_000, seenAt: NOW };
    expect(await store.claimGrant({ ...lease, holder: "a sign-in" })).toEqual({ kind: "claimed" });
    expect(await store.claimGrant({ ...lease, holder: "another" })).toEqual({ kind: "held" });
    expect(await store.claimRefresh(refresh)).toMatchObject({ kind: "held" });
    await store.releaseGrant({ ...ADA, holder: "a sign-in" });
    expect(await store.claimRefresh(refresh)).toMatchObject({ kind: "claimed" });
    expect(await store.claimGrant({ ...lease, holder: "a sign-in" })).toEqual({ kind: "held" });
    expect(await store.claimGrant({ ...lease, ...BOB, holder: "Bob’s" })).toEqual({
      kind: "absent",
    });
  });

  it("SO-22 are found by prefix or double hash of a revoked refresh token, old ones no more", async () => {
    const store = await database.open();
    const [first, second, third] = [
      "1//0gFirstToken-abcdefghijklmnop",
      "1//0gSecondToken-abcdefghijklmnop",
      "1//0gThirdToken-abcdefghijklmnop",
    ];
    await signedIn(store, "s1", withToken(first));
    await signedIn(store, "s2", withToken(second));
    await signedIn(store, "s3", withToken(second));
    const replaces = refreshTokenIds(first).hash;
    await store.publishRefresh({ id: "s1", generation: 0, ...renewed(third), replaces });

    const revoked = async (algorithm: string, token: string) => {
      const id = refreshTokenIdFromEvent(algorithm, token);
      const result = id && (await store.forgetRefreshToken(id));
      return result?.kind === "forgotten" ? result.count : result;
    };
    expect(await revoked("prefix", first.slice(0, 16))).toBe(0);
    expect(await revoked("prefix", second.slice(0, 16))).toBe(2);
    const { hash } = refreshTokenIds(third);
    expect(await revoked("hash_base64_sha512_sha512", hash)).toBe(1);
    expect(await revoked("hash_base64_sha512_sha512", hash)).toBe(0);
    expect(await store.readSession("s3")).toMatchObject({ sealed: null, endReason: null });
  });

  it("SO-22 leave nothing of a refresh token in a dump but derived ids, and no session id", async () => {
    const store = await database.open();
    const id = "d5Xh0kzj2mQ9wA7tB1cE4g";
    const long = "1//0gLongToken-abcdefghijklmnopqrstuvwxyz";
    await signedIn(store, id, {
      session: { ...withToken(long).session, sealed: { access: "eyJ.a", refresh: "eyJ.b" } },
    });
    await signedIn(store, "another", withToken("short-token"));
    await store.claimRefresh({
      id,
      generation: 0,
      holder: "an attempt",
      leaseMs: 9,
      seenAt: NOW,
    });
    const dump = await database.dump();
    expect(dump).toContain(hashSessionId(id));
    expect(dump).toContain(refreshTokenIds(long).hash);
    for (const text of [id, long, long.slice(0, 16), "short-token"]) {
      expect(dump).not.toContain(text);
    }
  });
});

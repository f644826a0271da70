import { expect, it } from "vitest";
import { hashSessionId } from "../../../app/config/id-hash.server";
import {
  refreshTokenIdFromEvent,
  refreshTokenIds,
} from "../../../app/store/refresh-token-ids.server";
import { describeOnBoth } from "../../support/databases";
import { ADA, BOB, DAY, NOW, signedIn } from "../../support/sign-in-fixture";

const withToken = (refreshToken: string) => ({
  session: { refreshTokenIds: refreshTokenIds(refreshToken) },
});

describeOnBoth("A person's tokens", (database) => {
  it("are the ones written last among live sessions", async () => {
    const store = await database.open();
    expect(await store.refreshTokenOf({ ...ADA, now: NOW })).toEqual({ kind: "none" });
    await signedIn(store, "s1");
    await signedIn(store, "s2", { now: NOW + 1 });
    await signedIn(store, "s3", { now: NOW + 2 });
    await signedIn(store, "b1", { user: BOB, now: NOW + 9 });
    await store.endSession({ id: "s3", reason: "signed_out", now: NOW + 3 });
    const asked = { ...ADA, now: NOW + 5 };
    expect(await store.refreshTokenOf(asked)).toEqual({
      kind: "found",
      sealedTokens: "sealed s2 0",
    });
    const attempt = { id: "s1", generation: 0, holder: "h", now: NOW + 4 };
    await store.claimRefresh({ ...attempt, leaseUntil: NOW + 99 });
    const tokens = { sealedTokens: "sealed s1 1", refreshTokenIds: refreshTokenIds("t") };
    await store.publishRefresh({ ...attempt, ...tokens });
    expect(await store.refreshTokenOf(asked)).toMatchObject({ sealedTokens: "sealed s1 1" });
    expect(await store.refreshTokenOf({ ...ADA, now: NOW + 999 * DAY })).toEqual({ kind: "none" });
  });

  it("can be forgotten, and a refresh under way can't bring them back", async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2", { now: NOW + 10 });
    await signedIn(store, "b1", { user: BOB });
    const attempt = { id: "s1", generation: 0, holder: "h", now: NOW };
    await store.claimRefresh({ ...attempt, leaseUntil: NOW + 99 });
    expect(await store.forgetTokens({ ...ADA, startedBefore: NOW + 10 })).toEqual({
      kind: "forgotten",
      sessions: [hashSessionId("s1")],
    });
    const forgotten = { kind: "forgotten" };
    const tokens = { sealedTokens: "back", refreshTokenIds: refreshTokenIds("back") };
    expect(await store.publishRefresh({ ...attempt, ...tokens })).toEqual({
      kind: "lost",
      now: forgotten,
    });
    expect(await store.claimRefresh({ ...attempt, leaseUntil: NOW + 99 })).toEqual(forgotten);
    expect(await store.readSession("s1")).toMatchObject({ sealedTokens: null, ended: null });

    await store.forgetTokens(ADA);
    expect(await store.refreshTokenOf({ ...ADA, now: NOW })).toEqual({ kind: "none" });
    expect(await store.refreshTokenOf({ ...BOB, now: NOW })).toMatchObject({ kind: "found" });
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
    const attempt = { id: "s1", generation: 0, holder: "h", now: NOW };
    await store.claimRefresh({ ...attempt, leaseUntil: NOW + 99 });
    const tokens = { sealedTokens: "new", refreshTokenIds: refreshTokenIds(third) };
    await store.publishRefresh({ ...attempt, ...tokens });

    const revoked = async (algorithm: string, token: string) => {
      const id = refreshTokenIdFromEvent(algorithm, token);
      const result = id && (await store.forgetRefreshToken(id));
      return result?.kind === "forgotten" ? result.sessions.sort() : result;
    };
    expect(await revoked("prefix", first.slice(0, 16))).toEqual([]);
    expect(await revoked("prefix", second.slice(0, 16))).toEqual(
      [hashSessionId("s2"), hashSessionId("s3")].sort(),
    );
    const { hash } = refreshTokenIds(third);
    expect(await revoked("hash_base64_sha512_sha512", hash)).toEqual([hashSessionId("s1")]);
    expect(await revoked("hash_base64_sha512_sha512", hash)).toEqual([]);
    expect(await store.readSession("s3")).toMatchObject({ sealedTokens: null, ended: null });
  });

  it("SO-22 leave nothing of a refresh token in a dump but derived ids, and no session id", async () => {
    const store = await database.open();
    const id = "d5Xh0kzj2mQ9wA7tB1cE4g";
    const long = "1//0gLongToken-abcdefghijklmnopqrstuvwxyz";
    await signedIn(store, id, {
      session: { ...withToken(long).session, sealedTokens: "eyJ.sealed" },
    });
    await signedIn(store, "another", withToken("short-token"));
    await store.claimRefresh({
      id,
      generation: 0,
      holder: "an attempt",
      leaseUntil: NOW + 9,
      now: NOW,
    });
    const dump = await database.dump();
    expect(dump).toContain(hashSessionId(id));
    expect(dump).toContain(refreshTokenIds(long).hash);
    for (const text of [id, long, long.slice(0, 16), "short-token"]) {
      expect(dump).not.toContain(text);
    }
  });
});

import { expect, it, onTestFinished } from "vitest";
import {
  createRevocations,
  type Revocations,
} from "../../../../app/auth/ending/revocations.server";
import type { OwedWrites } from "../../../../app/auth/refresh/owed-writes.server";
import type { RevokeResult } from "../../../../app/google/revoke.server";
import { createSealer } from "../../../../app/session/seal.server";
import { createStoredTokens } from "../../../../app/session/stored-tokens.server";
import { openStore } from "../../../../app/store/store.server";
import { createTestClock } from "../../../support/test-clock";
import { createTestLog } from "../../../support/test-log";
import { createTestRandom } from "../../../support/test-random";

const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const GRANT = { refreshToken: "1//a-refresh-token", refreshExpiresAt: null };

async function world() {
  const [clock, log, random] = [createTestClock(), createTestLog(), createTestRandom()];
  const opened = await openStore({ databaseUrl: "file::memory:", clock });
  if (!opened.ok) throw new Error(opened.error.reason);
  const { store } = opened;
  const google = { takes: false, asked: [] as string[] };
  const revoke = async (token: string): Promise<RevokeResult> => {
    google.asked.push(token);
    return google.takes ? { kind: "revoked" } : { kind: "not_now", cause: "status_503" };
  };
  const aProcess = (secret = SECRET) => {
    const tokens = createStoredTokens(createSealer("store", [secret], random));
    const owed: OwedWrites = { write: (work) => work(), count: 0 };
    const revocations = createRevocations({ store, owed, google: { revoke }, tokens, clock, log });
    const stopping = new AbortController();
    const followed = revocations.follow(stopping.signal);
    const stop = async () => {
      stopping.abort();
      await followed;
    };
    onTestFinished(stop);
    return { ...revocations, stop };
  };
  onTestFinished(() => store.close());
  const events = (event: string) =>
    log.lines.filter((line) => line.event === event).map(({ fields }) => fields);
  const count = async () => {
    const counted = await store.countRevocations();
    return counted.kind === "counted" ? counted.count : null;
  };
  return { clock, log, store, google, aProcess, events, count };
}

async function owedBy(revocations: Revocations) {
  const noted = await revocations.owe({ issuer: "https://accounts.google.com", sub: "1" }, GRANT);
  if (noted.kind !== "owed") throw new Error(noted.kind);
  return noted.owed;
}

it("FE-16 asks Google for a grant again after 5 s, 30 s, 5 min and from then on each hour; tells once that it is late", async () => {
  const { clock, log, google, aProcess, events, count } = await world();
  const here = aProcess();
  await here.revoke(await owedBy(here), log);
  const tries: number[] = [];
  for (const ms of [7000, 32_000, 302_000, HOUR, HOUR, HOUR, HOUR]) {
    await clock.advance(ms);
    tries.push(google.asked.length);
  }
  expect(tries).toEqual([2, 3, 4, 5, 6, 7, 8]);
  expect(new Set(google.asked)).toEqual(new Set([GRANT.refreshToken]));
  expect(events("authn_token_not_revoked")).toEqual([{ outcome: "late", alarm: true }]);
  google.takes = true;
  await clock.advance(HOUR);
  expect([google.asked.length, await count()]).toEqual([9, 0]);
  expect(events("authn_token_revoked")).toHaveLength(1);
});

it("FE-16 gives a grant up after four weeks, and says so", async () => {
  const { clock, store, log, google, aProcess, events, count } = await world();
  const here = aProcess();
  await here.revoke(await owedBy(here), log);
  // As many tries as there are in so many hours, without waking for each of them.
  for (let tries = 1; tries < 28 * 24; tries++) {
    await store.takeRevocation(() => 0, 28 * DAY);
  }
  expect(await count()).toBe(1);
  await clock.advance(6000);
  expect(await count()).toBe(0);
  expect(events("authn_token_not_revoked").at(-1)).toEqual({ outcome: "given_up", alarm: true });
  const asked = google.asked.length;
  await clock.advance(2 * HOUR);
  expect(google.asked).toHaveLength(asked);
});

it("FE-16 leaves one that another secret has sealed to who has it", async () => {
  const { clock, log, google, aProcess, events, count } = await world();
  google.takes = true;
  const gone = aProcess("another-secret-that-this-one-has-not");
  await gone.stop();
  const owed = await owedBy(gone);
  const here = aProcess();
  await here.revoke(owed, log);
  await clock.advance(60_000);
  expect([google.asked, await count()]).toEqual([[], 1]);
  expect(new Set(events("token_revoke_failed").map(({ cause }) => cause))).toEqual(
    new Set(["unknown_key"]),
  );
});

it("FE-16 forgets one whose end didn’t happen", async () => {
  const { clock, google, aProcess, count } = await world();
  const here = aProcess();
  await here.drop(await owedBy(here));
  await clock.advance(HOUR);
  expect([google.asked, await count()]).toEqual([[], 0]);
});

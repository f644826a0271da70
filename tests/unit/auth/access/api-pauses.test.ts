import { describe, expect, it } from "vitest";
import { createApiPauses } from "../../../../app/auth/access/api-pauses.server";
import { createRefusedTokens } from "../../../../app/auth/access/refused-tokens.server";
import { aSession } from "../../../support/session-fixture";
import { createTestClock } from "../../../support/test-clock";
import { createTestRandom } from "../../../support/test-random";

const ADA = aSession().user;
const BOB = { ...ADA, id: "2" };

describe("the pauses of Google’s APIs", () => {
  it("DA-08 last as long as was asked for, and for one person only", async () => {
    const clock = createTestClock();
    const pauses = createApiPauses({ clock, random: createTestRandom() });
    expect(pauses.left(ADA, "calendar")).toBe(0);
    expect(pauses.limited(ADA, "calendar", 30_000)).toBe(30_000);
    expect([pauses.left(ADA, "calendar"), pauses.left(BOB, "calendar")]).toEqual([30_000, 0]);
    await clock.advance(29_999);
    expect(pauses.left(ADA, "calendar")).toBe(1);
    await clock.advance(1);
    expect(pauses.left(ADA, "calendar")).toBe(0);
  });

  it("DA-08 are one API’s: another’s calls go on, and their answers end none", () => {
    const pauses = createApiPauses({ clock: createTestClock(), random: createTestRandom() });
    pauses.limited(ADA, "gmail", 30_000);
    expect(pauses.left(ADA, "calendar")).toBe(0);
    pauses.answered(ADA, "calendar");
    expect(pauses.left(ADA, "gmail")).toBe(30_000);
  });

  it("DA-08 grow where nothing was asked for, and end with an answer", async () => {
    const clock = createTestClock();
    const pauses = createApiPauses({ clock, random: createTestRandom() });
    pauses.limited(ADA, "calendar", null);
    pauses.limited(ADA, "calendar", null);
    const second = pauses.left(ADA, "calendar");
    pauses.limited(ADA, "calendar", null);
    pauses.limited(ADA, "calendar", null);
    expect(pauses.left(ADA, "calendar")).toBeGreaterThan(second);
    pauses.answered(ADA, "calendar");
    expect(pauses.left(ADA, "calendar")).toBe(0);
  });
});

describe("refused tokens", () => {
  it("DA-07 are known for a minute, and until the next renewal", async () => {
    const clock = createTestClock();
    const refused = createRefusedTokens();
    const session = aSession();
    expect(refused.has(session, clock.now())).toBe(false);
    refused.add(session, clock.now());
    expect(refused.has(session, clock.now())).toBe(true);
    expect(refused.has({ ...session, generation: 1 }, clock.now())).toBe(false);
    expect(refused.has(aSession({ id: "B".repeat(22) }), clock.now())).toBe(false);
    expect(refused.has(session, clock.now() - 3_600_000)).toBe(false);
    await clock.advance(60_000);
    expect(refused.has(session, clock.now())).toBe(false);
  });
});

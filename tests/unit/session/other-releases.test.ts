import { describe, expect, it } from "vitest";
import { createTransactions } from "../../../app/auth/sign-in/transaction.server";
import { cookiePolicy } from "../../../app/session/cookie-header.server";
import type { Purpose } from "../../../app/session/key-ring.server";
import { createSealer } from "../../../app/session/seal.server";
import { createSessionCookie } from "../../../app/session/session-cookie.server";
import { createStoredTokens, type SealedParts } from "../../../app/session/stored-tokens.server";
import { aSession } from "../../support/session-fixture";
import { createTestClock } from "../../support/test-clock";
import { createTestRandom } from "../../support/test-random";
import released from "./sealed-by-0.1.0.json";

const policy = cookiePolicy("https://app.example.com");
const random = createTestRandom();
const sealerFor = (purpose: Purpose) => createSealer(purpose, [released.secret], random);

const sessionIn = (sealed: string) =>
  createSessionCookie(policy, sealerFor("session")).read(new Map([[policy.name, [sealed]]]));

/** What a callback finds that comes with this sealed transaction. */
function transactionIn(sealed: string) {
  const { id, state } = released.transaction;
  const { issuer } = aSession().user;
  const parts = { policy, sealer: sealerFor("sign-in"), issuer, clock: createTestClock(), random };
  const cookies = new Map([[`${policy.name}-signin-${id}`, [sealed]]]);
  return createTransactions(parts).take(state, cookies);
}

const tokensIn = (sealed: SealedParts) => createStoredTokens(sealerFor("store")).open(sealed);

/** The same as a newer release would seal it, which has more to say. */
function withMore(purpose: Purpose, sealed: string): string {
  const sealer = sealerFor(purpose);
  const unsealed = sealer.unseal(sealed);
  if (!unsealed.ok) throw new Error(unsealed.reason);
  return sealer.seal(JSON.stringify({ ...JSON.parse(unsealed.text), later: { on: true } }));
}

// The values of 0.1.0 stay as they are. Should one become unreadable, everybody is signed out by the
// next release: that takes a way to read both, not another fixture.
describe.each([
  ["an older release (0.1.0)", (_: Purpose, sealed: string) => sealed],
  ["a newer release with more to say", withMore],
])("What %s has sealed", (_, sealedBy) => {
  it("MP-06 is read: the session", () => {
    const session = { kind: "session", session: aSession(), key: expect.anything() };
    expect(sessionIn(sealedBy("session", released.session))).toStrictEqual(session);
  });

  it("MP-06 is read: a sign-in under way", () => {
    const { sealed, ...transaction } = released.transaction;
    expect(transactionIn(sealedBy("sign-in", sealed))).toMatchObject({ ok: true, transaction });
  });

  it("MP-06 is read: tokens in the database", () => {
    const { access, refresh } = released.tokens;
    const sealed = { access: sealedBy("store", access), refresh: sealedBy("store", refresh) };
    expect(tokensIn(sealed)).toStrictEqual(aSession().tokens);
  });
});

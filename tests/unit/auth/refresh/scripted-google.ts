import type { Google } from "../../../../app/google/google.server";
import type { RefreshedIdToken } from "../../../../app/google/refreshed-id-token.server";
import type { GrantedTokens, TokenAnswer } from "../../../../app/google/token-answer.server";
import type { TestClock } from "../../../support/test-clock";

const HOUR = 3_600_000;

export interface ScriptedGoogle extends Google {
  /** The refresh tokens that were presented, in order. */
  asked: string[];
  /** What the next refreshes are answered with; the last answer is given again and again. */
  answers: (TokenAnswer | Promise<TokenAnswer>)[];
  /** What is read in an ID token. */
  idToken: RefreshedIdToken;
}

/** Google as far as a refresh goes, answering as a test says; tokens for an hour if it says nothing. */
export function scriptedGoogle(clock: TestClock): ScriptedGoogle {
  const asked: string[] = [];
  const notScripted = () => Promise.reject(new Error("Nothing but a refresh was scripted."));
  const google: ScriptedGoogle = {
    asked,
    answers: [],
    idToken: { kind: "same", hostedDomain: null },
    client: {
      clientId: "id",
      clientSecret: "secret",
      issuer: "https://accounts.google.com",
      apiOrigin: "https://www.googleapis.com",
    },
    endpoints: notScripted,
    exchangeCode: notScripted,
    fetchProfile: notScripted,
    callApi: notScripted,
    fetchTokenInfo: notScripted,
    revoke: async () => ({ kind: "revoked" }),
    verifySecurityEvent: notScripted,
    verifyIdToken: notScripted,
    readRefreshedIdToken: async () => google.idToken,
    async refreshTokens(refreshToken) {
      asked.push(refreshToken);
      const answer = google.answers.length > 1 ? google.answers.shift() : google.answers[0];
      return answer ?? granted(clock, { accessToken: `access-${asked.length}` });
    },
  };
  return google;
}

export function granted(clock: TestClock, tokens: Partial<GrantedTokens> = {}): TokenAnswer {
  const issuedAt = clock.now();
  return {
    kind: "granted",
    tokens: {
      accessToken: "access",
      issuedAt,
      expiresAt: issuedAt + HOUR,
      refreshToken: null,
      refreshExpiresAt: null,
      scopes: null,
      idToken: null,
      ...tokens,
    },
  };
}

export function unavailable(cause = "status_503", retryAfterMs: number | null = null): TokenAnswer {
  return { kind: "unavailable", cause, retry: true, lost: false, retryAfterMs };
}

/** An answer that a test gives when it likes. */
export function later<T>(): { promise: Promise<T>; give(value: T): void } {
  let give: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    give = resolve;
  });
  return { promise, give: (value) => give(value) };
}

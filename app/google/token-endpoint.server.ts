import { type Random, randomFraction } from "../config/random.server";
import { exchange, type Http } from "./http.server";
import { judgeTokenAnswer, type TokenAnswer } from "./token-answer.server";

export interface TokenEndpoint {
  url: string;
  clientId: string;
  clientSecret: string;
}

/** All attempts together, if nobody wants them sooner. */
export const TOKEN_DEADLINE_MS = 8000;
const ATTEMPT_DEADLINE_MS = 5000;
const MAX_RETRIES = 2;
const FIRST_DELAY_MS = 250;

export interface TokenLimits {
  /** For all attempts together. */
  deadlineMs?: number;
  /** Is asked after an attempt that failed, before there is another. */
  mayRetry?: ((failure: TokenAnswer) => boolean) | undefined;
}

/**
 * Asks the token endpoint, with at most two retries under one deadline, 8 s by default (TR-13).
 *
 * The secret travels in the POST body (RFC 6749 section 2.3.1). A code is good for one use, so its
 * exchange isn’t repeated when Google may have acted on it already.
 */
export async function requestTokens(
  http: Http & { random: Random },
  endpoint: TokenEndpoint,
  params: Record<string, string>,
  { deadlineMs = TOKEN_DEADLINE_MS, mayRetry = () => true }: TokenLimits = {},
): Promise<TokenAnswer> {
  const deadline = http.clock.now() + deadlineMs;
  const oneUse = params.grant_type === "authorization_code";
  for (let attempt = 0; ; attempt++) {
    const startedAt = http.clock.now();
    const answer = await exchange(
      http,
      {
        url: endpoint.url,
        method: "POST",
        body: new URLSearchParams({
          ...params,
          client_id: endpoint.clientId,
          client_secret: endpoint.clientSecret,
        }),
      },
      { deadlineMs: Math.min(ATTEMPT_DEADLINE_MS, deadline - startedAt) },
    );
    const judged = judgeTokenAnswer(answer, startedAt);
    const worthIt = judged.kind === "unavailable" && judged.retry && !(judged.lost && oneUse);
    if (!worthIt || attempt >= MAX_RETRIES || !mayRetry(judged)) return judged;
    const delayMs = retryDelay(attempt, judged.retryAfterMs, randomFraction(http.random));
    if (http.clock.now() + delayMs >= deadline) return judged;
    await http.clock.sleep(delayMs);
  }
}

/** How long to wait before the next attempt, in ms: doubling, half of it jitter; Google’s word wins. */
export function retryDelay(attempt: number, retryAfterMs: number | null, random: number): number {
  const delay = FIRST_DELAY_MS * 2 ** attempt;
  return Math.max(retryAfterMs ?? 0, delay / 2 + (delay / 2) * random);
}

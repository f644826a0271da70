import { describe, expect, it } from "vitest";
import type { TokenAnswer } from "../../../app/google/token-answer.server";
import {
  requestTokens,
  retryDelay,
  TOKEN_DEADLINE_MS,
} from "../../../app/google/token-endpoint.server";
import { json, networkError, type Play, scriptedHttp, silence, text } from "./scripted-http";

const ENDPOINT = { url: "https://oauth2.example/token", clientId: "id", clientSecret: "s&cret" };
const GRANTED = json({ access_token: "ya29.new", token_type: "Bearer", expires_in: 3600 });
const REFRESH = { grant_type: "refresh_token", refresh_token: "1//r" };
const EXCHANGE = { grant_type: "authorization_code", code: "4/c", code_verifier: "v" };

/** Asks, lets `ms` pass, and tells the answer, the time that it took, and the calls. */
async function ask(params: Record<string, string>, plays: Play[], ms = TOKEN_DEADLINE_MS) {
  const http = scriptedHttp(...plays);
  const startedAt = http.clock.now();
  let took: number | null = null;
  const flight = requestTokens(http, ENDPOINT, params).then((judged): TokenAnswer => {
    took = http.clock.now() - startedAt;
    return judged;
  });
  await http.clock.advance(ms);
  return {
    answer: await flight,
    took,
    calls: http.calls,
    delays: http.calls.map((call) => call.at - startedAt),
    sleeping: http.clock.sleeping,
  };
}

describe("requestTokens", () => {
  it("TR-20 SF-01 posts a form that holds the secret, and follows no redirect", async () => {
    const { answer, calls } = await ask(REFRESH, [GRANTED]);
    expect(answer.kind).toBe("granted");
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      url: ENDPOINT.url,
      form: { ...REFRESH, client_id: "id", client_secret: "s&cret" },
      init: { method: "POST", redirect: "manual", headers: { Accept: "application/json" } },
    });
  });

  it("TR-13 PF-03 tries at most twice more, with a pause before each", async () => {
    const { answer, delays, took } = await ask(REFRESH, [text("", 503)]);
    expect(answer).toMatchObject({ kind: "unavailable", cause: "status_503" });
    expect(delays).toEqual([0, 125, 375]);
    expect(took).toBe(375);
  });

  it("PF-18 tries no more once it isn’t allowed to", async () => {
    const http = scriptedHttp(text("", 503));
    const answers = [true, false];
    const judged = requestTokens(http, ENDPOINT, REFRESH, {
      mayRetry: () => answers.shift() ?? false,
    });
    await http.clock.advance(TOKEN_DEADLINE_MS);
    expect(await judged).toMatchObject({ kind: "unavailable", cause: "status_503" });
    expect(http.calls).toHaveLength(2);
  });

  it.each<[string, Play]>([
    ["status 429", text("", 429)],
    ["internal_failure", json({ error: "internal_failure" }, 400)],
    ["a refused connection", networkError("ECONNREFUSED")],
  ])("TR-13 PF-05 PF-01 is content with a later answer after %s", async (_what, play) => {
    const { answer, calls } = await ask(REFRESH, [play, GRANTED]);
    expect(answer.kind).toBe("granted");
    expect(calls).toHaveLength(2);
  });

  it.each<[string, Play]>([
    ["invalid_grant", json({ error: "invalid_grant" }, 400)],
    ["invalid_client", json({ error: "invalid_client" }, 401)],
    ["an HTML page", text("<html>User Rate Limit Exceeded", 403)],
    ["a redirect’s refusal", text("", 400)],
    ["half an answer", text('{"access', 200)],
  ])("TR-13 TR-11 doesn’t try again after %s", async (_what, play) => {
    expect((await ask(REFRESH, [play, GRANTED])).calls).toHaveLength(1);
  });

  it("TR-02 counts the life from the attempt that brought the tokens", async () => {
    const { answer, calls } = await ask(REFRESH, [text("", 500), GRANTED]);
    const issuedAt = calls[1]?.at ?? 0;
    expect(answer).toMatchObject({ tokens: { issuedAt, expiresAt: issuedAt + 3_600_000 } });
    expect(issuedAt).toBeGreaterThan(calls[0]?.at ?? 0);
  });

  it("TR-13 waits as long as Retry-After says", async () => {
    const { delays } = await ask(REFRESH, [text("", 429, { "Retry-After": "3" }), GRANTED]);
    expect(delays).toEqual([0, 3000]);
  });

  it("TR-13 gives up at once when Retry-After goes beyond the deadline", async () => {
    const { answer, delays, took } = await ask(REFRESH, [
      text("", 503, { "Retry-After": "30" }),
      GRANTED,
    ]);
    expect(answer).toMatchObject({ kind: "unavailable", retryAfterMs: 30_000 });
    expect(delays).toEqual([0]);
    expect(took).toBe(0);
  });

  it("TR-13 PF-02 ends within eight seconds although Google never answers", async () => {
    const { answer, delays, took, sleeping } = await ask(REFRESH, [silence]);
    expect(answer).toMatchObject({ kind: "unavailable", cause: "timeout", lost: true });
    expect(delays).toEqual([0, 5125]);
    expect(took).toBe(TOKEN_DEADLINE_MS);
    expect(TOKEN_DEADLINE_MS).toBe(8000);
    expect(sleeping).toBe(0);
  });

  it("TR-13 leaves no timer behind when it is done", async () => {
    expect((await ask(REFRESH, [text("", 503), GRANTED])).sleeping).toBe(0);
  });

  describe("with a code, which is good for one use", () => {
    it.each<[string, Play]>([
      ["the answer was lost", networkError("ECONNRESET")],
      ["no answer came in time", silence],
    ])("TR-13 doesn’t send it again when %s", async (_what, play) => {
      const { answer, calls } = await ask(EXCHANGE, [play, GRANTED]);
      expect(answer).toMatchObject({ kind: "unavailable", lost: true });
      expect(calls).toHaveLength(1);
    });

    it("TR-13 sends it again when Google said that it did nothing", async () => {
      const { answer, calls } = await ask(EXCHANGE, [text("", 503), GRANTED]);
      expect(answer.kind).toBe("granted");
      expect(calls.map((call) => call.form.code)).toEqual(["4/c", "4/c"]);
    });
  });
});

describe("retryDelay", () => {
  it("TR-13 doubles, and leaves half of the pause to chance", () => {
    expect([0, 1].map((attempt) => retryDelay(attempt, null, 0))).toEqual([125, 250]);
    expect([0, 1].map((attempt) => retryDelay(attempt, null, 0.5))).toEqual([187.5, 375]);
    expect(retryDelay(0, null, 0.999)).toBeLessThan(250);
  });

  it("TR-13 never undercuts what Google asked for", () => {
    expect(retryDelay(0, 2000, 0.5)).toBe(2000);
    expect(retryDelay(0, 0, 0.5)).toBe(187.5);
  });
});

import { describe, expect, it } from "vitest";
import { judgeApiAnswer } from "../../../app/google/api-answer.server";

function judged(status: number, body: unknown = "", headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return judgeApiAnswer({ kind: "answer", status, headers: new Headers(headers), body: text });
}

const legacy = (reason: unknown) => ({ error: { code: 403, errors: [{ reason }] } });
const failed = (code: string, status: number | null, retryAfterMs: number | null = null) => ({
  ok: false,
  code,
  status,
  retryAfterMs,
});

describe("judgeApiAnswer", () => {
  it("brings what an API answers", () => {
    expect(judged(200, { items: [] })).toMatchObject({ ok: true, json: { items: [] } });
    expect(judged(204)).toMatchObject({ ok: true, status: 204, json: null });
    expect(judged(200, "<h1>Sorry</h1>")).toMatchObject({ ok: true, json: null });
  });

  it("DA-07 knows a refused token by 401 alone", () => {
    expect(judged(401)).toEqual(failed("token_refused", 401));
    expect(judged(401, legacy("rateLimitExceeded"))).toEqual(failed("token_refused", 401));
  });

  it.each([
    ["the older form", legacy("insufficientPermissions"), {}],
    ["the newer", { error: { details: [{ reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }] } }, {}],
    [
      "RFC 6750's words",
      "",
      { "WWW-Authenticate": 'Bearer realm="x", error="insufficient_scope"' },
    ],
  ])("DA-08 knows a missing scope in %s", (_form, body, headers) => {
    expect(judged(403, body, headers)).toEqual(failed("scope_missing", 403));
  });

  it.each(["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"])(
    "DA-08 knows a 403 for haste: %s",
    (reason) => {
      expect(judged(403, legacy(reason))).toEqual(failed("rate_limited", 403));
      expect(judged(403, legacy(reason), { "Retry-After": "7" })).toEqual(
        failed("rate_limited", 403, 7000),
      );
    },
  );

  it("DA-08 knows a 429, and how long to wait", () => {
    expect(judged(429, "", { "Retry-After": "30" })).toEqual(failed("rate_limited", 429, 30_000));
    expect(judged(429, "", { "Retry-After": "soon" })).toEqual(failed("rate_limited", 429));
  });

  it.each([
    [400, "refused"],
    [403, "refused"],
    [404, "refused"],
    [409, "refused"],
    [302, "google_unavailable"],
    [500, "google_unavailable"],
    [503, "google_unavailable"],
  ])("says of %i: %s", (status, code) => {
    expect(judged(status, legacy("forbidden"))).toEqual(failed(code, status));
  });

  it.each([
    ["null"],
    ["[]"],
    ['{"error":"x"}'],
    ['{"error":{"errors":[null,{"reason":7}]}}'],
    ["{"],
  ])("isn’t confused by an error of another shape: %s", (body) => {
    expect(judged(403, body)).toEqual(failed("refused", 403));
  });

  it("calls silence an outage", () => {
    expect(judgeApiAnswer({ kind: "no_answer", cause: "timeout", detail: "timeout" })).toEqual(
      failed("google_unavailable", null),
    );
  });
});

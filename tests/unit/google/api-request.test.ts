import { describe, expect, it } from "vitest";
import { callApi } from "../../../app/google/api-request.server";
import { json, scriptedHttp, text } from "./scripted-http";

const API = "https://www.googleapis.com";
const TASKS = "https://tasks.googleapis.com";
const ORIGINS = {
  apiOrigin: API,
  userinfoOrigin: null,
  features: [{ scopes: ["tasks.readonly"], apis: [TASKS] }],
};
const GRANT = { accessToken: "ya29.at", scopes: ["tasks.readonly"] };
const PATH = "/calendar/v3/calendars/primary/events?maxResults=5";
const WHOLE = `${TASKS}/tasks/v1/lists`;

describe("callApi", () => {
  it.each([
    [PATH, API + PATH],
    [WHOLE, WHOLE],
  ])(
    "DA-06 DA-15 sends the access token to %s in the Authorization header only, and follows nobody",
    async (address, url) => {
      const http = scriptedHttp(text("", 307, { Location: "https://evil.example/" }));
      const headers = { authorization: "Bearer x", Cookie: "a=b", HOST: "evil", "If-Match": '"1"' };
      const answer = await callApi(http, ORIGINS, GRANT, { address, headers });
      expect(answer).toMatchObject({ ok: false, code: "google_unavailable", status: 307 });
      const [call, ...more] = http.calls;
      expect(more).toEqual([]);
      expect(call?.url).toBe(url);
      expect(call?.init).toMatchObject({ redirect: "manual" });
      expect(call?.init.headers).toEqual({
        Accept: "application/json",
        "If-Match": '"1"',
        Authorization: "Bearer ya29.at",
      });
    },
  );

  it.each([
    ["anywhere else", "//evil.example", GRANT, "address_not_allowed"],
    ["without the scope", WHOLE, { ...GRANT, scopes: ["tasks"] }, "scope_missing"],
  ])("DA-06 DA-16 sends nothing %s", async (_where, address, grant, code) => {
    const http = scriptedHttp(json({}));
    const answer = await callApi(http, ORIGINS, grant, { address });
    expect(answer).toEqual({ ok: false, code, status: null, retryAfterMs: null });
    expect(http.calls).toEqual([]);
  });

  it("reads no more than a megabyte", async () => {
    const http = scriptedHttp(text("x".repeat(1_048_577)));
    const answer = await callApi(http, ORIGINS, GRANT, { address: PATH });
    expect(answer).toMatchObject({ ok: false, code: "google_unavailable" });
  });
});

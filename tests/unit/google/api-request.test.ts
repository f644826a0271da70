import { describe, expect, it } from "vitest";
import { apiUrl, callApi } from "../../../app/google/api-request.server";
import { json, scriptedHttp, text } from "./scripted-http";

const API = "https://www.googleapis.com";
const USERINFO = "https://openidconnect.googleapis.com";
const ORIGINS = [API, USERINFO];
const PATH = "/calendar/v3/calendars/primary/events?maxResults=5";

describe("apiUrl", () => {
  it("takes a path on the API's origin, and URLs of allowed origins", () => {
    expect(apiUrl(PATH, ORIGINS)).toBe(API + PATH);
    expect(apiUrl(`${USERINFO}/v1/userinfo`, ORIGINS)).toBe(`${USERINFO}/v1/userinfo`);
  });

  it.each([
    ["https://evil.example/calendar"],
    ["//evil.example/calendar"],
    ["\\\\evil.example/calendar"],
    ["/\\evil.example"],
    ["/\t/evil.example"],
    ["http://www.googleapis.com/calendar"],
    ["https://www.googleapis.com:8443/calendar"],
    ["https://www.googleapis.com.evil.example/"],
    ["https://www.googleapis.com@evil.example/"],
    ["https://user:pass@www.googleapis.com/"],
    ["https://evil.example#https://www.googleapis.com/"],
    ["javascript:alert(1)"],
    ["data:text/plain,x"],
    ["https://"],
  ])("DA-06 refuses %j", (address) => {
    expect(apiUrl(address, ORIGINS)).toBeNull();
  });
});

describe("callApi", () => {
  it("DA-06 sends the access token in the Authorization header only, and follows nobody", async () => {
    const http = scriptedHttp(text("", 307, { Location: "https://evil.example/" }));
    const headers = { authorization: "Bearer x", Cookie: "a=b", HOST: "evil", "If-Match": '"1"' };
    const answer = await callApi(http, ORIGINS, "ya29.at", { address: PATH, headers });
    expect(answer).toMatchObject({ ok: false, code: "google_unavailable", status: 307 });
    const [call, ...more] = http.calls;
    expect(more).toEqual([]);
    expect(call?.url).toBe(API + PATH);
    expect(call?.init).toMatchObject({ redirect: "manual" });
    expect(call?.init.headers).toEqual({
      Accept: "application/json",
      "If-Match": '"1"',
      Authorization: "Bearer ya29.at",
    });
  });

  it("DA-06 sends nothing anywhere else", async () => {
    const http = scriptedHttp(json({}));
    const answer = await callApi(http, ORIGINS, "ya29.at", { address: "//evil.example" });
    expect(answer).toMatchObject({ ok: false, code: "address_not_allowed" });
    expect(http.calls).toEqual([]);
  });

  it("reads no more than a megabyte", async () => {
    const http = scriptedHttp(text("x".repeat(1_048_577)));
    const answer = await callApi(http, ORIGINS, "ya29.at", { address: PATH });
    expect(answer).toMatchObject({ ok: false, code: "google_unavailable" });
  });
});

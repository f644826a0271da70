import { describe, expect, it } from "vitest";
import { fetchTokenInfo, judgeTokenInfo } from "../../../app/google/token-info.server";
import { json, networkError, type Play, scriptedHttp, text } from "./scripted-http";

const US = "us.apps.googleusercontent.com";
const NOW = 1_768_478_400_000;
const GOOD = { aud: US, azp: US, sub: "1", exp: String(NOW / 1000 + 60), expires_in: "60" };

describe("judgeTokenInfo", () => {
  it("knows whose token it is, and until when", () => {
    expect(judgeTokenInfo(GOOD, US, NOW)).toEqual({
      kind: "valid",
      sub: "1",
      expiresAt: NOW + 60_000,
    });
    const older = { issued_to: US, audience: US, user_id: "1", expires_in: 60 };
    expect(judgeTokenInfo(older, US, NOW)).toMatchObject({ sub: "1", expiresAt: NOW + 60_000 });
  });

  it.each([
    ["another app’s", { aud: "other", azp: "other" }],
    ["another app’s that names us as audience", { azp: "other" }],
    ["ours for another audience", { aud: "other" }],
    ["one for several", { aud: [US, "other"] }],
    ["nobody’s", { sub: undefined }],
    ["one that has ended", { exp: String(NOW / 1000) }],
    ["one without an end", { exp: undefined, expires_in: undefined }],
    ["one with a nonsense end", { exp: "soon", expires_in: "-1" }],
    ["one of no client", { aud: undefined, azp: undefined }],
  ])("refuses %s", (_, change) => {
    const info = Object.fromEntries(
      Object.entries({ ...GOOD, ...change }).filter(([, value]) => value !== undefined),
    );
    expect(judgeTokenInfo(info, US, NOW)).toEqual({ kind: "invalid" });
  });
});

describe("fetchTokenInfo", () => {
  const ask = async (play: Play) => {
    const http = scriptedHttp(play);
    const info = await fetchTokenInfo(http, "https://g.example/tokeninfo", "ya29.at", US);
    return { info, calls: http.calls };
  };

  it("DA-06 sends the token in a body, never in an address", async () => {
    const { calls } = await ask(json({}));
    expect(calls[0]).toMatchObject({
      url: "https://g.example/tokeninfo",
      form: { access_token: "ya29.at" },
      init: { method: "POST", redirect: "manual" },
    });
  });

  it.each([
    ["400", json({ error: "invalid_token" }, 400), "invalid"],
    ["401", text("", 401), "invalid"],
    ["429", text("", 429), "unavailable"],
    ["500", text("", 500), "unavailable"],
    ["an HTML page", text("<h1>"), "unavailable"],
    ["no network", networkError("ECONNREFUSED"), "unavailable"],
  ])("reads %s as %s", async (_, play, kind) => {
    expect((await ask(play)).info).toEqual({ kind });
  });
});
